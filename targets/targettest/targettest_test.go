package targettest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/targettest"
)

// broken is a shop whose shelves have one of the faults of a target.
type broken struct {
	shop
	fault string
}

func (b broken) Row(spec store.RowSpec) (store.Offer, error) {
	switch b.fault {
	case "offers nothing":
		return store.Offer{Skip: "closed"}, nil
	case "skips without a reason":
		return store.Offer{}, nil
	}
	offer, err := b.shop.Row(spec)
	offer.Target = &faulty{shelf: &shelf{}, fault: b.fault}
	return offer, err
}

type faulty struct {
	*shelf
	fault string
}

func (f *faulty) Setup(ctx context.Context, start harness.State) error {
	if f.fault == "keeps what was there" {
		start.Entries = f.Entries
	}
	return f.shelf.Setup(ctx, start)
}

func (f *faulty) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s, err := f.shelf.Session(ctx, opt)
	return faultyHand{s, f}, err
}

type faultyHand struct {
	harness.Session
	of *faulty
}

// Do is hand's, and then what is wrong.
func (h faultyHand) Do(ctx context.Context, op *harness.Op) harness.Result {
	if h.of.fault == "sells what there is not" {
		steps := op.Steps
		op.Steps = nil
		for _, s := range steps {
			s.Guard = harness.Guard{}
			op.Steps = append(op.Steps, s)
		}
		defer func() { op.Steps = steps }()
	}
	res := h.Session.Do(ctx, op)
	state := &h.of.State
	switch n := len(state.Entries); h.of.fault {
	case "forgets an entry":
		state.Entries = state.Entries[:max(n-1, 0)]
	case "journals twice":
		if n > 0 {
			state.Entries = append(state.Entries, state.Entries[n-1])
		}
	case "forgets a write":
		if res.Outcome == harness.OK && !op.ReadOnly() {
			state.Values[op.Steps[0].Cell] -= op.Steps[0].Delta
		}
	case "reads what is not there":
		for i := range res.Seen {
			res.Seen[i].Value++
		}
	case "shows no reads":
		res.Seen = nil
	case "forgets a value":
		for c, there := range h.of.contents {
			h.of.contents[c] = there[:max(len(there)-1, 0)]
		}
	case "says failed for rejected":
		if res.Outcome == harness.Rejected {
			res.Outcome = harness.Failed
		}
	case "hides why it failed":
		res.Err = nil
	}
	return res
}

// faults are what one client alone can find, by a part of what Exercise says of it.
var faults = map[string]string{
	"none":                     "",
	"offers nothing":           "the server offers no row at all",
	"skips without a reason":   "neither a target nor a reason to skip",
	"keeps what was there":     "journal (-want +got)",
	"forgets an entry":         "journal (-want +got)",
	"journals twice":           "journal (-want +got)",
	"forgets a write":          "want ok",
	"reads what is not there":  "which held",
	"forgets a value":          "saw (-want +got)",
	"shows no reads":           "a read that saw nothing",
	"sells what there is not":  "got ok (<nil>), want rejected",
	"says failed for rejected": "got failed (<nil>), want rejected",
	"hides why it failed":      "it says <nil>",
}

// faultVariable names the fault to the process in which Exercise is to fail.
const faultVariable = "TARGETTEST_FAULT"

// TestExerciseFindsFaults: the suite passes a target that is right, and fails each that is not, for the right reason. A test that
// is to fail does so in a process of its own.
func TestExerciseFindsFaults(t *testing.T) {
	if fault, ok := os.LookupEnv(faultVariable); ok {
		targettest.Exercise(t, broken{fault: fault}, []store.StrategyInfo{{Name: "lock"}})
		return
	}
	for fault, want := range faults {
		t.Run(fault, func(t *testing.T) {
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestExerciseFindsFaults$")
			c.Env = append(os.Environ(), faultVariable+"="+fault)
			out, err := c.CombinedOutput()
			if failed := err != nil; failed != (want != "") || !strings.Contains(string(out), want) {
				t.Errorf("%v, want a failure that says %q:\n%s", err, want, out)
			}
		})
	}
}
