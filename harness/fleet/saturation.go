package fleet

import (
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/engine"
)

const (
	mostCPU  = 0.85                  // a worker that uses more is its row's limit
	mostLate = 25 * time.Millisecond // by which timers are late where a machine is out of processors
)

// saturation finds the workers whose figures are their own and not the target's. Workers of one machine share its processors.
func saturation(t *engine.Tally) {
	machine := map[string]float64{}
	for i := range t.Workers {
		machine[t.Workers[i].Host] += t.Workers[i].Machine
	}
	for _, share := range machine {
		t.CPU = max(t.CPU, min(share, 1))
	}
	for i := range t.Workers {
		w := &t.Workers[i]
		switch all := machine[w.Host]; {
		case w.CPU >= mostCPU:
			w.Saturated = fmt.Sprintf("it used %.0f %% of its processors", 100*w.CPU)
		case all >= mostCPU:
			w.Saturated = fmt.Sprintf("the workers of %s used %.0f %% of its processors", w.Host, 100*all)
		case w.Late >= mostLate:
			w.Saturated = fmt.Sprintf("its machine was busy: timers were %v late", w.Late.Round(time.Millisecond))
		}
	}
}
