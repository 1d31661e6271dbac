package reports

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

// explored is a row that was to be safe, and a schedule that breaks it: one client waits, and one is refused.
func explored() *Explored {
	return &Explored{
		Label:  harness.Label{Workload: "seats", Target: "postgres", Strategy: "for-update", Isolation: harness.Serializable},
		Server: "PostgreSQL 15.19", Promise: "safe", Why: "locks before it reads",
		Verdict: harness.Unsafe, Run: 40, Breaking: 3, Drawn: 10, Seed: 7, Seconds: 0.25,
		Scenarios: []suite.ExploredScenario{
			{About: "2 buyers, 1 seat", Clients: 2, Run: 6, Exhaustive: true, Schedules: 6, Seconds: 0.05},
			{About: "3 buyers, 2 seats", Clients: 3, Run: 34, Breaking: 3, Drawn: 10, Seconds: 0.2},
		},
		Scenario: "3 buyers, 2 seats",
		Shortest: &suite.ExploredSchedule{
			Preemptions: 1, Clients: []string{"client 0: buy, answered ok", "client 1: buy, answered serialization"},
			Steps: []suite.ExploredStep{
				{Turn: 1, Client: 0, Text: "BEGIN; SELECT available, version FROM stock WHERE id = 0 FOR UPDATE", Answer: "1, 0"},
				{Turn: 2, Client: 1, Text: "BEGIN; SELECT available, version FROM stock WHERE id = 0 FOR UPDATE", WaitsUntil: 3, Answer: "could not serialize", Error: true},
				{Turn: 3, Client: 0, Text: "COMMIT"},
			},
		},
		Rule: "nobody is given more than there is", Found: []string{"stock 0 fell to -1"},
		Anomaly: "lost-update", Meaning: "one update is lost.", Mends: []string{"another strategy: atomic", "lock first"}, Saved: []string{"a.schedule", "a.sql"},
	}
}

func TestExploredText(t *testing.T) {
	var b strings.Builder
	proof := &Explored{
		Label: harness.Label{Workload: "seats", Target: "memory", Strategy: "mutex", Isolation: harness.NoLevel}, Server: "memory go1.26",
		Promise: "safe", Why: "locks", Verdict: harness.Safe, AsExpected: true, Schedules: 4, Run: 4, Exhaustive: true, OneAtATime: true,
		Scenarios: []suite.ExploredScenario{{About: "2 buyers, 1 seat", Clients: 2, Run: 4, Exhaustive: true}},
	}
	skipped := &Explored{Label: proof.Label, Server: proof.Server, Verdict: harness.Skipped, Skip: "no such thing"}
	for _, e := range []*Explored{explored(), proof, skipped} {
		if err := ExploredText(&b, e); err != nil {
			t.Fatal(err)
		}
		if err := ExploredLine(&b, e); err != nil {
			t.Fatal(err)
		}
	}
	stopped := *proof
	stopped.Verdict, stopped.AsExpected, stopped.Exhaustive, stopped.Error = harness.Inconclusive, false, false, "explore seats: nothing moves"
	for _, write := range []func(io.Writer, *Explored) error{ExploredText, ExploredLine} {
		if err := write(&b, &stopped); err != nil {
			t.Fatal(err)
		}
	}
	ExploredSum(&b, []Explored{*explored(), *proof, *skipped, stopped})
	golden(t, "explored.txt", b.String())
}

// TestExploredKeysAreDocumented: what is written is in docs/explore.md, and what is there is written.
func TestExploredKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/explore.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	skipped := *explored()
	skipped.Skip, skipped.Error = "no such thing", "nothing moves"
	if err := ExploredJSON(&b, []Explored{*explored(), skipped}); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	emitted, documented := map[string]bool{}, map[string]bool{}
	keys("", v, emitted)
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.\\[\\]]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]] = true
		if !emitted[m[1]] {
			t.Errorf("%s is documented and not written", m[1])
		}
	}
	for k := range emitted {
		if !documented[k] {
			t.Errorf("%s is written and not documented", k)
		}
	}
}

// TestExploredNotOverlapped: where the server runs statements at the same time, all orders of whole statements are no proof.
func TestExploredNotOverlapped(t *testing.T) {
	e := &Explored{Server: "PostgreSQL 15", Promise: "safe", Verdict: harness.Safe, Run: 6, Exhaustive: true}
	for oneAtATime, want := range map[bool]string{true: "that is proof", false: "Not tried: two statements"} {
		e.OneAtATime = oneAtATime
		var b bytes.Buffer
		if err := ExploredText(&b, e); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) || strings.Contains(b.String(), "proof") != oneAtATime {
			t.Errorf("one at a time: %v, %q lacks %q", oneAtATime, b.String(), want)
		}
	}
}
