package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// engine is what can be drawn of an engine.
type engine struct {
	name       string
	strategies []string
	levels     []string // that any of its servers has
}

func newEngine(e *store.Engine) engine {
	drawn := engine{name: e.Name}
	for _, s := range e.Strategies {
		drawn.strategies = append(drawn.strategies, s.Name)
	}
	for _, d := range e.Declared {
		for _, l := range d.Levels {
			if l != harness.NoLevel && !slices.Contains(drawn.levels, l.Short()) {
				drawn.levels = append(drawn.levels, l.Short())
			}
		}
	}
	return drawn
}

// strategiesARun is how many strategies a run compares.
const strategiesARun = 3

// plain is the strategy of workloads over anything but numbers.
const plain = "plain"

// draw is the flags of `lastseat run` of draw number i.
func draw(engines []engine, seed, i uint64) []string {
	r := rand.New(rand.NewPCG(seed, i))
	e := pick(r, engines)
	w, cells := workload(r)
	args := []string{
		"--target", e.name, "--workload", w.name, "--cells", strconv.Itoa(cells), "--strategy", strategies(r, &e, &w),
		"-c", pick(r, []string{"2", "4", "8", "16", "64"}), "--random-seed", strconv.FormatUint(r.Uint64N(1_000_000), 10),
	}
	if len(e.levels) > 0 {
		args = append(args, "--isolation", pick(r, e.levels))
	}
	args = append(args, around(r, &w)...)
	for _, flag := range [][]string{
		{"--burst"}, {"--gap", "1ms"}, {"--rand-type", "zipfian"}, {"--rand-type", "hotspot"}, {"--connections", "2"}, {"--compress"},
	} {
		if r.IntN(8) == 0 && !slices.Contains(args, flag[0]) {
			args = append(args, flag...)
		}
	}
	if w.name == "transfer" && r.IntN(2) == 0 {
		args = append(args, "--reads", "many")
	}
	return args
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// drawnWorkload is a workload, and what it can be combined with.
type drawnWorkload struct {
	name    string
	numbers bool // its cells hold numbers, which strategies know ways to change
	asks    bool // its operations ask the payment service
}

// workload draws a workload, and a number of cells that it may have.
func workload(r *rand.Rand) (drawnWorkload, int) {
	for {
		kind, cells := pick(r, workloads.Table()), pick(r, []int{1, 2, 4, 10})
		w, err := workloads.New(kind.Name, workloads.Config{Cells: cells})
		if err != nil {
			continue // joint has no odd number of accounts
		}
		start := w.Init()
		content, same := start.Content()
		d := drawnWorkload{name: kind.Name, numbers: !same || content == harness.Numbers}
		for _, op := range w.Samples() {
			d.asks = d.asks || slices.ContainsFunc(op.Steps, func(s harness.Step) bool { return s.Kind == harness.Call })
		}
		return d, cells
	}
}

// strategies draws some of an engine's.
func strategies(r *rand.Rand, e *engine, w *drawnWorkload) string {
	if !w.numbers && slices.Contains(e.strategies, plain) {
		return plain
	}
	var names []string
	for _, i := range r.Perm(len(e.strategies))[:min(strategiesARun, len(e.strategies))] {
		names = append(names, e.strategies[i])
	}
	return strings.Join(names, ",")
}

// around draws what surrounds the store: in a third of the runs nothing, else a component of one axis, and now and then of two. Of
// more at once most stores can do one or the other only, and the row is skipped.
func around(r *rand.Rand, w *drawnWorkload) []string {
	count := pick(r, []int{0, 0, 1, 1, 1, 2})
	var args []string
	axes := targets.Axes()
	for _, i := range r.Perm(len(axes)) {
		axis := &axes[i]
		var names []string
		for _, d := range axis.Components {
			if w.asks || axis.Name != "payment" && !strings.HasPrefix(d.Name, "payment-") {
				names = append(names, d.Name)
			}
		}
		if len(names) > 0 && len(args) < 2*count {
			args = append(args, "--"+axis.Name, pick(r, names))
		}
	}
	if count > 0 && r.IntN(3) == 0 {
		args = append(args, "--servers", "1")
	}
	return args
}
