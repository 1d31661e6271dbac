package program

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
)

// lane is one in memory: each client reads a counter, and in a second step writes one more, with a row that has a generated key and a
// time. A client of a program that is not racy does both in one step.
type lane struct {
	racy bool
	now  func(l *lane) string // the time of a row

	jumps, serial int   // how often sequences have jumped, and orders were run
	jumped        []int // serial when sequences jumped
	n, id         int   // the counter, the last key
	rows          [][]string
	read, at      [2]int // what each client has read, how many steps it has made
	turns         []explore.Turn
}

func (l *lane) steps() int {
	if l.racy {
		return 2
	}
	return 1
}

func (l *lane) step(c int) {
	if l.at[c] == 0 {
		l.read[c] = l.n
	}
	if l.at[c]++; l.at[c] == l.steps() {
		l.n = l.read[c] + 1
		l.id++
		l.rows = append(l.rows, []string{fmt.Sprint(l.id), l.now(l)})
	}
}

func (l *lane) Play(_ context.Context, choose func() int) error {
	l.turns, l.at = nil, [2]int{}
	for l.Ready(0) || l.Ready(1) {
		c := choose()
		if c < 0 {
			return nil
		}
		l.turns = append(l.turns, explore.Turn{Client: c, Step: l.Next(c)})
		l.step(c)
	}
	return nil
}

func (l *lane) Actors() int                   { return 2 }
func (l *lane) Client(i int) int              { return i }
func (l *lane) Ready(i int) bool              { return l.at[i] < l.steps() }
func (l *lane) Turns() []explore.Turn         { return l.turns }
func (l *lane) Traits() explore.Traits        { return explore.Traits{} }
func (l *lane) Cast([]string)                 {}
func (l *lane) SetTraits(explore.Traits)      {}
func (l *lane) Facts() Facts                  { return Facts{Statements: 1} }
func (l *lane) Steps() []Step                 { return []Step{} }
func (l *lane) Restore(context.Context) error { l.n, l.rows, l.at = 0, nil, [2]int{}; return nil }

func (l *lane) Next(int) explore.Step {
	return explore.Step{Point: harness.AtWrite, Cells: explore.Everything, Ends: true, Fresh: true}
}

func (l *lane) Able() (actors []int, putOff bool) {
	for i := range 2 {
		if l.Ready(i) {
			actors = append(actors, i)
		}
	}
	return actors, false
}

func (l *lane) Jump(context.Context) error {
	l.jumps++
	l.jumped = append(l.jumped, l.serial)
	l.id += 1_000_003
	return nil
}

func (l *lane) Serial(ctx context.Context, order []int) (*serial.Outcome, error) {
	l.serial++
	err := l.Restore(ctx)
	for _, c := range order {
		for range l.steps() {
			l.step(c)
		}
	}
	o := l.outcome()
	for c := range 2 {
		o.Answers[c].Given = slices.Contains(order, c)
	}
	return o, err
}

func (l *lane) Outcome(context.Context) (*serial.Outcome, error) { return l.outcome(), nil }

func (l *lane) outcome() *serial.Outcome {
	o := &serial.Outcome{Answers: make([]serial.Answer, 2), Tables: start()}
	o.Tables[0].Rows, o.Tables[1].Rows = [][]string{{fmt.Sprint(l.n)}}, slices.Clone(l.rows)
	for c := range 2 {
		o.Answers[c] = serial.Answer{Given: true, Outcome: harness.OK, Parts: serial.Status(ClientName(c), 200)}
	}
	return o
}

func (l *lane) Broken(context.Context) ([]string, error) { return nil, nil }

func start() []serial.Table {
	return []serial.Table{
		{Name: "counter", Columns: []string{"n"}, Rows: [][]string{{"0"}}},
		{Name: "log", Columns: []string{"id", "made"}, Keys: map[string]string{"id": "log_id_seq"}},
	}
}

func (l *lane) explore(t *testing.T, x *Explorer) *Pair {
	t.Helper()
	x.Lanes, x.Operations, x.Start, x.Schedules = []Lane{l}, []string{"add"}, start(), 100
	pairs, err := x.Run(t.Context(), func(*Pair) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return &pairs[0]
}

const orders2 = 5 // orders of all subsets of two clients

// TestSerialFarApart: before each of the two rounds of serial orders, sequences jump; so keys are told from numbers, and a counter that is
// lost is found all the same.
func TestSerialFarApart(t *testing.T) {
	for _, racy := range []bool{false, true} {
		l := &lane{racy: racy, now: func(*lane) string { return "x" }}
		want := map[bool]harness.Verdict{false: harness.Safe, true: harness.Unsafe}[racy]
		if got := l.explore(t, &Explorer{Apart: time.Millisecond}); got.Verdict != want {
			t.Errorf("racy %v: %s (%s), want %s", racy, got.Verdict, got.Why, want)
		}
		if want := []int{2, 2 + orders2}; !slices.Equal(l.jumped, want) { // each client alone, first of all
			t.Errorf("sequences jumped after %d serial executions, want after %d", l.jumped, want)
		}
	}
}

// TestConfirms: a time that was the same in both rounds, as it is when both fall into one minute, accuses nobody: the serial orders are run
// once more before anybody is. What is lost is found all the same.
func TestConfirms(t *testing.T) {
	const rounds = 2 + 2*orders2
	for _, racy := range []bool{false, true} {
		l := &lane{racy: racy, now: func(l *lane) string {
			switch {
			case l.serial < rounds || l.serial == rounds && l.jumps == 2 && len(l.turns) == 0:
				return "2026-11-28 16:00:00"
			case l.serial == rounds:
				return "2026-11-28 16:01:00"
			}
			return "2026-11-28 16:02:00"
		}}
		got := l.explore(t, &Explorer{Apart: time.Millisecond})
		want := map[bool]harness.Verdict{false: harness.Safe, true: harness.Unsafe}[racy]
		if got.Verdict != want || l.serial <= rounds {
			t.Errorf("racy %v: %s (%s) after %d serial executions, want %s after more than %d", racy, got.Verdict, got.Why, l.serial, want, rounds)
		}
		if !slices.Contains(got.Volatile, "log.made") {
			t.Errorf("racy %v: %q are volatile, want log.made", racy, got.Volatile)
		}
	}
}
