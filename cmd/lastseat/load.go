package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/workloads"
)

// rawLoad are the flags that say how operations are sent, as they were typed.
type rawLoad struct {
	arrivals, randType string
	rates, skews       []float64
}

// loadFlags say when clients send operations, and where to.
func loadFlags(f *pflag.FlagSet, o *options, r *rawLoad) {
	f.Float64SliceVarP(&r.rates, "rate", "R", nil, "operations a second that are due, over all clients: open loop; several are a sweep (default: each as soon as its client is free)")
	f.StringVar(&r.arrivals, "arrivals", string(engine.Poisson), "with --rate: poisson or uniform distances between operations")
	f.DurationVar(&o.cfg.Each.LatencyLimit, "latency-limit", 0, "with --rate: skip what would begin later than this")
	f.BoolVar(&o.cfg.Each.Burst, "burst", false, "all clients begin each operation at the same moment")
	f.DurationVar(&o.cfg.Each.Warmup, "warmup", 0, "load before each row, judged and left out of its figures")
	f.StringVar(&r.randType, "rand-type", string(workloads.UniformCells), "how clients choose among cells: uniform, zipfian or hotspot")
	f.Float64SliceVar(&r.skews, "zipfian-constant", []float64{workloads.DefaultZipfianConstant}, "zipfian: cell i in proportion to 1/(i+1)^this; several are steps too")
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
	rates, skews := steps(r.rates), steps(r.skews)
	if slices.Contains(rates, 0) && len(rates) > 1 {
		return errors.New("--rate is 0, must be above it where there are several: a closed loop is no step of theirs")
	}
	if len(rates) > 0 {
		o.cfg.Each.Rate, o.cfg.Rates = rates[0], rates
	}
	o.shape.ZipfianConstant = skews[0]
	if len(skews) > 1 {
		if r.randType != string(workloads.Zipfian) {
			return errors.New("--zipfian-constant has several values, which --rand-type zipfian goes with")
		}
		o.cfg.Skews = skews
	}
	if o.flags.Changed("arrivals") && o.cfg.Each.Rate == 0 {
		return errors.New("--arrivals goes with --rate: without one, an operation begins as soon as its client is free")
	}
	if o.cfg.Each.Rate != 0 {
		o.cfg.Each.Arrivals = engine.Arrivals(r.arrivals)
	}
	o.shape.RandType = workloads.RandType(r.randType)
	for name, v := range map[string]float64{
		"zipfian-constant": skews[0], "hotspot-data-fraction": o.shape.HotspotDataFraction,
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
	each, shape := o.cfg.Each, o.shape
	if len(o.cfg.Rates) > 1 {
		each.Rate = 0 // rows have their own
	}
	parts := each.Load()
	if len(o.cfg.Rates) > 1 {
		parts = append([]string{fmt.Sprintf("open loop (%s)", each.Arrivals)}, parts...)
	}
	choice := shape.Choice()
	if len(o.cfg.Skews) > 1 {
		choice = []string{"cells zipfian"}
	}
	return strings.Join(append(parts, choice...), ", ")
}
