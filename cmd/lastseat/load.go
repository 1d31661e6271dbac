package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/workloads"
)

// rawLoad are the flags that say how operations are sent, as they were typed.
type rawLoad struct{ arrivals, randType string }

// loadFlags say when clients send operations, and where to.
func loadFlags(f *pflag.FlagSet, o *options, r *rawLoad) {
	f.Float64VarP(&o.cfg.Each.Rate, "rate", "R", 0, "operations a second that are due, over all clients: open loop (default: each as soon as its client is free)")
	f.StringVar(&r.arrivals, "arrivals", string(engine.Poisson), "with --rate: poisson or uniform distances between operations")
	f.DurationVar(&o.cfg.Each.LatencyLimit, "latency-limit", 0, "with --rate: skip what would begin later than this")
	f.BoolVar(&o.cfg.Each.Burst, "burst", false, "all clients begin each operation at the same moment")
	f.DurationVar(&o.cfg.Each.Warmup, "warmup", 0, "load before each row, judged and left out of its figures")
	f.StringVar(&r.randType, "rand-type", string(workloads.UniformCells), "how clients choose among cells: uniform, zipfian or hotspot")
	f.Float64Var(&o.shape.ZipfianConstant, "zipfian-constant", workloads.DefaultZipfianConstant, "zipfian: cell i in proportion to 1/(i+1)^this")
	f.Float64Var(&o.shape.HotspotDataFraction, "hotspot-data-fraction", workloads.DefaultHotspotDataFraction, "hotspot: share of the cells that are hot")
	f.Float64Var(&o.shape.HotspotOpnFraction, "hotspot-opn-fraction", workloads.DefaultHotspotOpnFraction, "hotspot: share of the operations that go to the hot cells")
}

// loadNames are the flags of loadFlags.
var loadNames = []string{
	"rate", "arrivals", "latency-limit", "burst", "warmup",
	"rand-type", "zipfian-constant", "hotspot-data-fraction", "hotspot-opn-fraction",
}

// parseLoad checks what only the flags can tell; the configurations check themselves.
func (o *options) parseLoad(r *rawLoad) error {
	if o.flags.Changed("arrivals") && o.cfg.Each.Rate == 0 {
		return errors.New("--arrivals goes with --rate: without one, an operation begins as soon as its client is free")
	}
	if o.cfg.Each.Rate != 0 {
		o.cfg.Each.Arrivals = engine.Arrivals(r.arrivals)
	}
	o.shape.RandType = workloads.RandType(r.randType)
	for name, v := range map[string]float64{
		"zipfian-constant": o.shape.ZipfianConstant, "hotspot-data-fraction": o.shape.HotspotDataFraction,
		"hotspot-opn-fraction": o.shape.HotspotOpnFraction,
	} {
		if v == 0 { // a Config takes it for "the usual one"
			return fmt.Errorf("--%s is 0, must be above it", name)
		}
	}
	return nil
}

// load says how operations are sent, as far as it is not the usual way.
func (o *options) load() string {
	return strings.Join(append(o.cfg.Each.Load(), o.shape.Choice()...), ", ")
}
