package recheck

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/workloads"
)

// TestInterruptedOwn: one of lastseat's own histories that is judged when the interrupt comes is not judged, and says so; nor is one that is being read.
func TestInterruptedOwn(t *testing.T) {
	const file = "testdata/own-reg.jsonl"
	start := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 1}, "orders", 1)
	log := &harness.Log{}
	log.Append(harness.Record{Tries: 1}, harness.Access{Kind: harness.Writes, Delta: -1})
	header := history.Header{Label: harness.Label{Workload: "seats"}, Start: start, Config: map[string]string{}}
	rec := &history.Recording{Format: history.Lastseat, Workload: "seats", Operations: 1, Lastseat: &history.File{
		Header: header, History: &harness.History{Label: header.Label, Start: start, Final: start, Names: []string{"buy"}, Logs: []*harness.Log{log}},
	}}
	ctx, interrupt := context.WithCancel(t.Context())
	opt := &Options{Workload: func(h *history.Header) (harness.Workload, error) {
		interrupt() // the history is read, and its judgement begins
		return workloads.Recorded(h.Label.Workload, h.Start, h.Config)
	}}
	_, err := Recording(ctx, file, rec, opt)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not judged") {
		t.Errorf("error %v", err)
	}
	if code, err := ExitCode(nil, err); code != suite.ExitInterrupted || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	ctx, interrupt = context.WithCancel(t.Context())
	for j := range Files(ctx, []string{file}, "", opt, func(progress.Case) { interrupt() }) {
		if !errors.Is(j.Err, context.Canceled) || !strings.HasPrefix(j.Err.Error(), file+": not judged") {
			t.Errorf("while it was read: %v", j.Err)
		}
	}
}
