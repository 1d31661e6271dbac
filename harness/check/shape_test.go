package check_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/sqlite"
	"github.com/lastseat/lastseat/workloads"
)

// TestTextsNameThingsFirst: every checker of every workload is shown the corruption that it plants in a history that really
// ran, and says so as people would: the thing first, in short sentences, with times that can be read.
func TestTextsNameThingsFirst(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range workloads.Table() {
		work, h := ran(t, kind.Name)
		checks := append(work.Checks(), check.Progress(), check.Paid([]harness.Cell{0}))
		h.Final.Charges = []harness.Charge{}
		for _, c := range checks {
			bad, ok := c.Plant(h)
			if !ok {
				continue
			}
			seen[c.Name] = true
			f := c.Check(t.Context(), bad)
			if f.Violations == 0 || len(f.Texts) == 0 {
				t.Errorf("%s, %s: the plant was not told: %+v", kind.Name, c.Name, f)
			}
			for _, text := range f.Texts {
				shaped(t, kind.Name+", "+c.Name, &h.Start, text)
			}
		}
	}
	for _, name := range []string{"oversold", "overdrawn", "journal", "conservation", "lost-sales", "total", "atomicity", "progress", "paid", "model"} {
		if !seen[name] {
			t.Errorf("nothing was planted for %s", name)
		}
	}
}

// ran is a workload and its history, by the first strategy that can do it in memory, else in SQLite.
func ran(t *testing.T, workload string) (harness.Workload, *harness.History) {
	t.Helper()
	work, err := workloads.New(workload, workloads.Config{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []store.Engine{memory.Engine(), sqlite.Engine()} {
		server, err := e.Open(t.Context(), store.OpenConfig{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		for _, s := range slices.Backward(e.Strategies) {
			spec := store.RowSpec{Strategy: s.Name, Level: server.Levels()[0], Start: work.Init(), Samples: work.Samples()}
			offer, err := server.Row(spec)
			if err != nil {
				t.Fatal(err)
			}
			if offer.Skip != "" {
				continue
			}
			cfg := engine.DefaultConfig()
			cfg.Concurrency, cfg.Ops = 4, 400
			label := harness.Label{Workload: workload, Target: e.Name, Strategy: s.Name, Isolation: spec.Level}
			rep, err := engine.Run(t.Context(), engine.Row{Label: label, Workload: work, Target: offer.Target, Promise: &offer.Promise}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			return work, rep.History
		}
	}
	t.Fatalf("neither memory nor SQLite does %s", workload)
	return nil, nil
}

var (
	anomalyName = regexp.MustCompile(`^[A-Za-z0-9-]+: `)
	tinySeconds = regexp.MustCompile(`\b0\.0\d* ?s\b`)
	fineTimes   = regexp.MustCompile(`\d\.\d{7,}`)
)

// shaped holds a text against how texts are written.
func shaped(t *testing.T, where string, start *harness.State, text string) {
	t.Helper()
	first, _, _ := strings.Cut(anomalyName.ReplaceAllString(text, ""), ". ")
	named := strings.HasPrefix(first, "The payment service ") || strings.HasPrefix(first, "A = ") // of a cycle: what its letters stand for
	for c := range start.Values {
		cell := start.CellName(harness.Cell(c))
		named = named || strings.HasPrefix(first, strings.ToUpper(cell[:1])+cell[1:]+" ")
	}
	switch {
	case !named:
		t.Errorf("%s: the first sentence does not begin with what it is about: %s", where, text)
	case tinySeconds.MatchString(text), fineTimes.MatchString(text):
		t.Errorf("%s: times that nobody can read: %s", where, text)
	case strings.Contains(text, "which"), strings.Contains(text, "that was never"):
		t.Errorf("%s: a sentence within a sentence: %s", where, text)
	}
}
