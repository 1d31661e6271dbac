package workloads

import "fmt"

// Choice says how clients choose among cells, where it is not each with the same chance.
func (c *Config) Choice() []string {
	switch c.RandType {
	case Zipfian:
		return []string{fmt.Sprintf("cells zipfian (%v)", c.ZipfianConstant)}
	case Hotspot:
		return []string{fmt.Sprintf("%v of the operations on %v of the cells", c.HotspotOpnFraction, c.HotspotDataFraction)}
	case UniformCells:
	}
	return nil
}
