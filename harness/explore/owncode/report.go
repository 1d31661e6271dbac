package owncode

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
)

// Report is what an exploration found.
type Report struct {
	Server     store.ServerInfo
	Level      harness.Level // of transactions that asked for none
	Schedules  int           // that were run; those that differ only in the order of reads count once
	Breaking   int           // of these
	Exhaustive bool          // there are no other orders of whole statements; Server.OneAtATime says whether those are all
	Drawn      int           // how many of Schedules were drawn at random
	Unsteady   int           // schedules given up: the server answered the same statements otherwise each time
	Polled     bool          // a client that asked the same again and again went on only when nobody else could
	Seed       uint64        // of the draws
	Shortest   *Failure      // fewest interruptions, then fewest statements; nil: none breaks
	Elapsed    time.Duration
}

// Failure is a schedule that breaks.
type Failure struct {
	Schedule    []int   // clients, counted from 1, in the order in which their statements ran: Code.Schedule runs it alone
	Preemptions int     // how often a client was interrupted that could have gone on
	Err         error   // what Check said
	Told        []error // what the clients returned
	Transcript  string  // one column a client, time downwards

	waits int // for locks
}

// shorter orders failures by how much a reader has to follow.
func (f *Failure) shorter(than *Failure) bool {
	return than == nil || cmp.Or(
		cmp.Compare(f.Preemptions, than.Preemptions), cmp.Compare(len(f.Schedule), len(than.Schedule)),
		cmp.Compare(f.waits, than.waits), cmp.Compare(f.switches(), than.switches()), slices.Compare(f.Schedule, than.Schedule),
	) < 0
}

// switches is how often another client goes on.
func (f *Failure) switches() int {
	n := 0
	for i := 1; i < len(f.Schedule); i++ {
		if f.Schedule[i] != f.Schedule[i-1] {
			n++
		}
	}
	return n
}

// String is the report for people.
func (r Report) String() string {
	where := fmt.Sprintf("%s at %s", r.Server, r.Level)
	if r.Shortest == nil {
		return fmt.Sprintf("%s: none of %d schedules breaks%s", where, r.Schedules, r.extent())
	}
	f := r.Shortest
	verb := "break"
	if r.Breaking == 1 {
		verb = "breaks"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d schedules %s%s\n", where, r.Breaking, r.Schedules, verb, r.extent())
	fmt.Fprintf(&b, "%v\nThe shortest, with %s:\n\n%s\n", f.Err, times(f.Preemptions), f.Transcript)
	if f.Preemptions == 0 {
		b.WriteString("It breaks with one client after the other: does Code.Check ask for the right thing, after Code.Reset?\n")
	}
	fmt.Fprintf(&b, "Schedule: %#v runs it alone.", f.Schedule)
	return b.String()
}

// extent says what there is beyond the schedules that were run.
func (r Report) extent() string {
	if r.Polled {
		return r.beyond() + "; " + NotStarved
	}
	return r.beyond()
}

func (r Report) beyond() string {
	switch {
	case r.Exhaustive && r.Server.OneAtATime && r.Polled:
		return ", and there are no others where each gets its turn"
	case r.Exhaustive && r.Server.OneAtATime:
		return ", and there are no others"
	case r.Exhaustive:
		return ", and there are no other orders of whole statements; " + NotOverlapped
	}
	more := "; there are more"
	if r.Drawn > 0 {
		more += fmt.Sprintf(", and %d of these were drawn with seed %d", r.Drawn, r.Seed)
	}
	if r.Unsteady > 0 {
		more += fmt.Sprintf("; %d went another way each time they were tried, because the server answered the same statements otherwise", r.Unsteady)
	}
	if !r.Server.OneAtATime {
		more += "; " + NotOverlapped
	}
	return more
}

// NotOverlapped is what an exploration does not try on servers that run statements at the same time.
const NotOverlapped = "not tried: two statements of two clients under way at the same time"

// NotStarved is what an exploration does not try of a client that polls.
const NotStarved = explore.NotStarved

func times(preemptions int) string {
	if preemptions == 1 {
		return "1 interruption"
	}
	return fmt.Sprintf("%d interruptions", preemptions)
}
