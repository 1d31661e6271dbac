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
	// LockTimeouts is how many lock time-outs were tried, each in a schedule of its own.
	LockTimeouts int
	TimeOver     bool // Code.Time was, or the test's
	// Verdict is Unsafe if a schedule breaks, Inconclusive if there are more than were run. Why says why it is inconclusive otherwise: the
	// code is not deterministic.
	Verdict harness.Verdict
	Why     string
	// Of code without a Check: schedules that are counted and do not break, with the shortest of each kind; columns that differ between
	// serial executions, and may; and what else was noticed.
	LostSales, Errors, StaleReads, SkipLocked int
	Others                                    []*Failure
	Volatile, Notes                           []string
	Shortest                                  *Failure // fewest interruptions, then fewest statements; nil: none breaks
	Elapsed                                   time.Duration
}

// Failure is a schedule that breaks.
type Failure struct {
	Schedule    []int   // clients, counted from 1, in the order in which their statements ran: Code.Schedule runs it alone
	Preemptions int     // how often a client was interrupted that could have gone on
	Err         error   // what Check said
	Told        []error // what the clients returned
	Transcript  string  // one column a client, time downwards
	Kind        string  // of code without a Check: violation, lost sale, error, stale read, skip locked
	Beside      string  // of code without a Check: what it left, and what serial orders leave

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
	if r.Why != "" && r.Breaking == 0 {
		return fmt.Sprintf("%s: inconclusive: %s%s", where, r.Why, r.counted())
	}
	if r.Breaking == 0 {
		verdict := ""
		if r.Verdict == harness.Inconclusive {
			verdict = "inconclusive: "
		}
		text := fmt.Sprintf("%s: %snone of %d schedules breaks%s%s", where, verdict, r.Schedules, r.extent(), r.counted())
		if r.Shortest != nil {
			text += "\n" + r.Shortest.String()
		}
		return text
	}
	f := r.Shortest
	verb := "break"
	if r.Breaking == 1 {
		verb = "breaks"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d schedules %s%s%s\n", where, r.Breaking, r.Schedules, verb, r.extent(), r.counted())
	if f == nil {
		return b.String()
	}
	b.WriteString(f.String())
	return b.String()
}

// String is the schedule for people.
func (f *Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\nThe shortest, with %s:\n\n%s\n", f.Err, times(f.Preemptions), f.Transcript)
	if b.WriteString(f.Beside); f.Preemptions == 0 && f.Kind == "" {
		b.WriteString("It breaks with one client after the other: does Code.Check ask for the right thing, after Code.Reset?\n")
	}
	fmt.Fprintf(&b, "Schedule: %#v runs it alone.", f.Schedule)
	return b.String()
}

// conclude sets the verdict of code with a Check.
func (r *Report) conclude() {
	switch {
	case r.Breaking > 0:
		r.Verdict = harness.Unsafe
	case r.Exhaustive:
		r.Verdict = harness.Safe
	default:
		r.Verdict = harness.Inconclusive
	}
}

// extent says what there is beyond the schedules that were run.
func (r Report) extent() string {
	more := r.beyond()
	if r.LockTimeouts > 0 {
		more += fmt.Sprintf("; in %d a statement ran into its lock time-out: each that waits did once", r.LockTimeouts)
	}
	if r.Polled {
		more += "; " + NotStarved
	}
	return more
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
	if r.TimeOver {
		more += ", and the time was over"
	}
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
