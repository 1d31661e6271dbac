package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// inProcess is a target of this process whose operations take so long.
type inProcess struct {
	script
	takes time.Duration
}

func (*inProcess) InProcess() bool { return true }

func slow(takes time.Duration) *inProcess {
	t := &inProcess{takes: takes}
	t.do = func(context.Context, *harness.Op) harness.Result {
		time.Sleep(t.takes)
		return harness.Result{Outcome: harness.OK}
	}
	return t
}

func TestGeneratorIsCalibrated(t *testing.T) {
	r, err := engine.Run(t.Context(), engine.Row{Workload: bump{}, Target: slow(5 * time.Millisecond)}, config(2, 20))
	if err != nil {
		t.Fatal(err)
	}
	// The engine alone takes microseconds at the worst, on whatever machine: far less than 5 ms.
	if r.Generator.Alone < 1000 || r.GeneratorLimited() {
		t.Errorf("lastseat alone: %v operations a second, limited %v", r.Generator.Alone, r.GeneratorLimited())
	}
}

func TestOtherTargetsAreNotCalibrated(t *testing.T) {
	s := &script{do: func(context.Context, *harness.Op) harness.Result { return harness.Result{Outcome: harness.OK} }}
	r, err := run(t, s, config(2, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if r.Generator.Alone != 0 || r.Generator.CPU < 0 || r.Generator.CPU > 1 {
		t.Errorf("%+v", r.Generator)
	}
}

func TestGeneratorLimited(t *testing.T) {
	report := func(cpu, alone float64) *engine.Report {
		r := &engine.Report{Elapsed: time.Second, Generator: engine.Generator{CPU: cpu, Alone: alone}}
		r.Accounting.Outcomes[harness.OK], r.Accounting.Outcomes[harness.Rejected] = 600, 400
		return r
	}
	for _, c := range []struct {
		name       string
		cpu, alone float64
		share      float64
		limited    bool
	}{
		{"nothing known", 0, 0, 0, false},
		{"a server that works", 0.5, 0, 0.5, false},
		{"a server that waits for lastseat", 0.8, 0, 0.8, true},
		{"in this process, CPU says nothing", 1, 4000, 0.25, false},
		{"in this process, and cheap", 1, 1600, 0.625, true},
		{"in this process, and faster than the calibration", 1, 900, 1, true},
	} {
		r := report(c.cpu, c.alone)
		if r.Share() != c.share || r.GeneratorLimited() != c.limited {
			t.Errorf("%s: share %v, limited %v", c.name, r.Share(), r.GeneratorLimited())
		}
	}
}
