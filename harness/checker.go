package harness

import "context"

// Checker is one invariant, judged after the fact from a history. It is given to Judge, or comes from a Workload's Checks.
//
// A correct history is never accused. What a client was told bounds what happened: what was acknowledged did happen, what is
// unknown may have, and an operation took effect at some moment between its Record's Invoke and End, if not unknown. Clients
// of different processes have no other order than these times, and those of different workers only as far as their clocks prove
// one: see History.Margin. Of a history that lacks operations of a lost worker (History.Cut), only what no operations whatever could explain is a
// violation; a check that cannot tell is Unable.
type Checker struct {
	Name string // oversold, journal, conservation
	Rule string // the invariant in one sentence
	Unit string // what Finding.Measure counts: "seats"

	// Check looks for violations. It must not change the history, and may be called on several at once. A run that was killed
	// left no h.Final, and one with h.Counts no operations: what rests on them is not judged then. It should take no more than
	// linear time: rows have millions of operations.
	Check func(ctx context.Context, h *History) Finding
	// Plant returns a copy of the history with one corruption that Check must reject, or false where the history holds
	// nothing to corrupt; see History.Edited. Where nothing broke, Judge shows it to Check: a check that lets it pass, or has
	// nothing to be shown, vouches for nothing and leaves the row inconclusive. Nil: the check rests on a Control alone.
	Plant func(h *History) (*History, bool)
	// ConsistentInBoth, of a check that judges isolation, is the strongest models left standing by two histories together.
	ConsistentInBoth func(a, b []string) []string
	// Familiar is the strongest that stand among those that users of databases know by name.
	Familiar func(standing []string) []string

	// Figure marks a figure that is shown and not judged (lost sales).
	Figure bool
	// NeedsOps marks a check that cannot judge without recorded operations.
	NeedsOps bool
	// NeedsJournal marks a check that means nothing where the store keeps no journal (History.Start.Journal is empty).
	NeedsJournal bool
	// NoOverlap marks a check that holds or breaks without concurrency: it needs no trials.
	NoOverlap bool
}

// Finding is what a Checker found.
type Finding struct {
	Violations     int64    // how many times the invariant broke; 0 = it holds
	Measure        int64    // by how much, in the checker's unit
	Texts          []string // the first violations in plain words, with clients, times and values; at most MaxTexts
	Involved       []int64  // IDs of the operations that the first of Texts is about
	ConsistentWith []string // of a check that judges isolation: the strongest models that the history does not rule out; nil: not judged
	Unable         string   // why the history could not be judged; then the rest means nothing
}

// MaxTexts bounds Finding.Texts.
const MaxTexts = 3

// Involve notes operations that the text is about which is being made.
func (f *Finding) Involve(ids ...int64) {
	if len(f.Texts) == 0 {
		f.Involved = append(f.Involved, ids...)
	}
}

// Add counts a violation, and keeps text() if it is among the first.
func (f *Finding) Add(text func() string) {
	f.Violations++
	if len(f.Texts) < MaxTexts {
		f.Texts = append(f.Texts, text())
	}
}
