package history

import (
	"bytes"
	"io"
	"maps"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// buffer is a file in memory.
type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

var suffixes = []string{"h.jsonl", "h.jsonl.zst"}

// TestWhatIsWrittenIsRead: any history, written in any steps, compressed or not, is the history that is read.
func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, name := range suffixes {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			h := drawHeader(t)
			hist := newHistory(&h)
			hist.Clocks = drawClocks(t)
			var out buffer
			w, err := newWriter(&out, name, h)
			if err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(0, 3).Draw(t, "steps") {
				drawOps(t, hist)
				hist.Faults = append(hist.Faults, drawFaults(t)...)
				if err := w.Append(hist); err != nil {
					t.Fatal(err)
				}
				same(t, &out, h, hist, false)
			}
			hist.Final = drawFinal(t, hist)
			noService := hist.Final.Charges == nil
			if err := w.Finish(hist.Final); err != nil {
				t.Fatal(err)
			}
			same(t, &out, h, hist, true)
			if f, _ := Read(bytes.NewReader(out.Bytes()), "file"); (f.History.Final.Charges == nil) != noService {
				t.Fatalf("charges %v, want %v", f.History.Final.Charges, hist.Final.Charges)
			}
		}))
	}
}

// same reads what was written so far.
func same(t rapid.TB, written *buffer, header Header, want *harness.History, whole bool) {
	t.Helper()
	f, err := Read(bytes.NewReader(written.Bytes()), "file")
	if err != nil {
		t.Fatal(err)
	}
	if whole != (f.Incomplete == "") {
		t.Fatalf("incomplete %q, whole %t", f.Incomplete, whole)
	}
	if d := cmp.Diff(header, f.Header, cmpopts.EquateEmpty()); d != "" {
		t.Fatal(d)
	}
	if !whole && len(want.Clocks) > 0 {
		want = unknownClocks(want)
	}
	if d := cmp.Diff(flatten(want), flatten(f.History), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(harness.Record{}, "first", "count")); d != "" {
		t.Fatal(d)
	}
}

// unknownClocks is the history as it is read before its end was written: what the clocks may be off is not there yet.
func unknownClocks(h *harness.History) *harness.History {
	c := *h
	c.Clocks = nil
	for _, l := range h.Logs {
		for l.Clock > 0 && l.Len() > 0 && len(c.Clocks) <= l.Clock {
			c.Clocks = append(c.Clocks, harness.Clock{Slack: harness.Incomparable})
		}
	}
	return &c
}

// flat is a history's content, names by themselves rather than by the numbers that they happen to have.
type flat struct {
	Label        harness.Label
	Seed         uint64
	Counts       bool
	Model        string
	Start, Final harness.State
	Faults       []harness.Fault
	Ops          []flatOp
	Clocks       map[int32]harness.Clock // by process
	Errors       map[int64]string
}

type flatOp struct {
	ID       int64
	Name     string
	Record   harness.Record
	Accesses []harness.Access
}

func flatten(h *harness.History) flat {
	f := flat{Label: h.Label, Seed: h.Seed, Counts: h.Counts, Model: h.Model, Start: h.Start, Final: h.Final, Faults: h.Faults, Errors: map[int64]string{}, Clocks: map[int32]harness.Clock{}}
	for r := range h.Ops() {
		rec := *r.Record
		rec.Name = 0
		f.Ops = append(f.Ops, flatOp{r.ID, h.Names[r.Name], rec, r.Accesses})
	}
	for _, l := range h.Logs {
		maps.Copy(f.Errors, l.Errors)
		if len(h.Clocks) > 0 && l.Len() > 0 {
			f.Clocks[l.Process] = h.Clocks[l.Clock]
		}
	}
	return f
}

func newHistory(h *Header) *harness.History {
	return &harness.History{
		Label: h.Label, Seed: h.Seed, Counts: h.Counts, Model: h.Model, Names: []string{"buy", "cancel", `odd "name" <é> ` + "\x01\u2028"},
		Start: h.Start,
	}
}

var (
	anyInt = rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64())
	anyID  = rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(1, math.MaxInt64))
	anyGap = rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, math.MaxInt64/1000))
)

func drawHeader(t *rapid.T) Header {
	text := rapid.String()
	h := Header{
		Label: harness.Label{
			Workload: text.Draw(t, "workload"), Target: text.Draw(t, "target"), Strategy: text.Draw(t, "strategy"),
			Isolation: rapid.SampledFrom(harness.Levels()).Draw(t, "isolation"),
		},
		Seed:   rapid.Uint64().Draw(t, "seed"),
		Counts: rapid.Bool().Draw(t, "counts"), Model: text.Draw(t, "model"),
		Server: store.ServerInfo{
			Product: text.Draw(t, "product"), Version: text.Draw(t, "version"), DefaultLevel: harness.ReadCommitted,
			Settings: []store.Setting{{Name: text.Draw(t, "setting"), Value: text.Draw(t, "value")}},
			Durable:  rapid.Bool().Draw(t, "durable"), Connections: rapid.Int().Draw(t, "connections"),
		},
		Config: rapid.MapOfN(text, text, 0, 3).Draw(t, "config"),
	}
	n := rapid.IntRange(1, 5).Draw(t, "cells")
	h.Start = harness.NewState(harness.Group{Table: text.Draw(t, "table"), Column: "available", Len: n, Claims: text.Draw(t, "claims")}, "orders", 0)
	if rapid.Bool().Draw(t, "two groups") {
		h.Start = h.Start.With(harness.Group{Table: "wallet", Column: "balance", Len: 1, Holds: harness.Lists}, 0)
		n++
	}
	h.Start.Values = drawInts(t, n)
	if rapid.Bool().Draw(t, "unversioned") {
		h.Start.Versions = nil
	}
	return h
}

func drawInts(t *rapid.T, n int) []int64 { return rapid.SliceOfN(anyInt, n, n).Draw(t, "values") }

// drawOps adds operations to old and new logs.
func drawOps(t *rapid.T, h *harness.History) {
	for range rapid.IntRange(0, 2).Draw(t, "new logs") {
		last := int32(-1)
		if n := len(h.Logs); n > 0 {
			last = h.Logs[n-1].Process
		}
		if last < math.MaxInt32-1 {
			log := &harness.Log{Process: rapid.Int32Range(last+1, math.MaxInt32-1).Draw(t, "process")}
			log.Clock = rapid.IntRange(0, max(len(h.Clocks), 1)-1).Draw(t, "clock")
			h.Logs = append(h.Logs, log)
		}
	}
	for _, l := range h.Logs {
		for range rapid.IntRange(0, 3).Draw(t, "ops") {
			drawOp(t, h, l)
		}
		for range rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 150}).Draw(t, "dull ops") { // past the end of a log's chunk
			l.Append(harness.Record{Tries: 1}, harness.Access{Delta: -1, Value: int64(l.Len())})
		}
	}
}

func drawOp(t *rapid.T, h *harness.History, l *harness.Log) {
	r := harness.Record{
		Name: rapid.Uint8Range(0, uint8(len(h.Names)-1)).Draw(t, "name"), Tries: rapid.Uint16Range(1, math.MaxUint16).Draw(t, "tries"),
		Outcome: harness.Outcome(rapid.IntRange(0, harness.Outcomes-1).Draw(t, "outcome")), Invoke: anyGap.Draw(t, "invoke"),
	}
	r.Declined = rapid.Bool().Draw(t, "declined")
	r.Begin = r.Invoke + anyGap.Draw(t, "queued")
	r.End = r.Begin + anyGap.Draw(t, "took")
	if rapid.Bool().Draw(t, "reverses") {
		r.Undoes = anyID.Draw(t, "undoes")
	}
	access := rapid.Custom(func(t *rapid.T) harness.Access {
		a := harness.Access{
			Cell: harness.Cell(rapid.IntRange(0, len(h.Start.Values)-1).Draw(t, "cell")),
			Kind: rapid.SampledFrom([]harness.AccessKind{
				harness.Reads, harness.Writes, harness.Checks, harness.Sets, harness.Appends,
			}).Draw(t, "kind"),
			Delta: anyInt.Draw(t, "delta"), Value: harness.NotSeen, Version: harness.NotSeen,
		}
		if rapid.Bool().Draw(t, "seen") {
			a.Value, a.Version = anyInt.Draw(t, "value"), anyInt.Draw(t, "version")
		}
		return a
	})
	accesses := rapid.SliceOfN(access, 0, 4).Draw(t, "accesses")
	for range rapid.IntRange(0, 2).Draw(t, "finds") {
		cell := harness.Cell(rapid.IntRange(0, len(h.Start.Values)-1).Draw(t, "cell"))
		if rapid.Bool().Draw(t, "answered") {
			accesses = harness.Found(accesses, cell, rapid.SliceOfN(anyInt, 0, 3).Draw(t, "values"))
		} else {
			accesses = append(accesses, harness.Access{Cell: cell, Kind: harness.Finds, Value: harness.NotSeen, Version: harness.NotSeen})
		}
	}
	l.Append(r, accesses...)
	if r.Outcome == harness.Failed && len(l.Errors) < 8 {
		if l.Errors == nil {
			l.Errors = map[int64]string{}
		}
		l.Errors[harness.OpID(l.Process, l.Len())] = rapid.String().Draw(t, "error")
	}
}

func drawFinal(t *rapid.T, h *harness.History) harness.State {
	n := len(h.Start.Values)
	s := h.Start.Clone()
	s.Values = drawInts(t, n)
	if rapid.Bool().Draw(t, "versioned") {
		s.Versions = drawInts(t, n)
	}
	s.Entries = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) harness.Entry {
		return harness.Entry{
			Op: anyInt.Draw(t, "op"), Cell: harness.Cell(rapid.IntRange(0, n-1).Draw(t, "cell")),
			Delta: anyInt.Draw(t, "delta"), Version: anyInt.Draw(t, "version"),
		}
	}), 0, 5).Draw(t, "entries")
	if rapid.Bool().Draw(t, "service") {
		s.Charges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) harness.Charge {
			return harness.Charge{Op: anyInt.Draw(t, "op"), Amount: anyInt.Draw(t, "amount")}
		}), 0, 3).Draw(t, "charges")
	}
	return s
}

func drawClocks(t *rapid.T) []harness.Clock {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) harness.Clock {
		slack := rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Just(int64(harness.Incomparable))).Draw(t, "slack")
		return harness.Clock{Name: rapid.String().Draw(t, "worker"), Slack: slack, Missing: rapid.String().Draw(t, "missing")}
	}), 0, 3).Draw(t, "clocks")
}

func drawFaults(t *rapid.T) []harness.Fault {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) harness.Fault {
		return harness.Fault{What: rapid.String().Draw(t, "what"), From: anyInt.Draw(t, "from"), To: anyInt.Draw(t, "to")}
	}), 0, 2).Draw(t, "faults")
}

// rewrite writes a file that was read.
func rewrite(t testing.TB, f *File, out io.WriteCloser, name string) {
	t.Helper()
	w, err := newWriter(out, name, f.Header)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(f.History); err != nil {
		t.Fatal(err)
	}
	if f.Incomplete == "" {
		if err := w.Finish(f.History.Final); err != nil {
			t.Fatal(err)
		}
	}
}
