package suite

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
)

// Reference names the row that others are compared with, as the table writes it. The zero value is the fastest safe row.
type Reference struct {
	Target    string // empty: each row's own
	Strategy  string
	Env       string        // what is around the strategy; empty: nothing
	Isolation harness.Level // empty: each row's own, else the first
	Fault     string        // empty: none
}

// ParseReference reads for-update, for-update@read-committed (or @rc), postgres/for-update@read-committed, or all that a row's name
// can have: postgres/naive-tx+redis@rc!kill-server.
func ParseReference(s string) (Reference, error) {
	var ref Reference
	name := s
	if target, rest, ok := strings.Cut(s, "/"); ok {
		ref.Target, name = target, rest
	}
	name, ref.Fault, _ = strings.Cut(name, "!")
	way, level, ok := strings.Cut(name, "@")
	ref.Strategy, ref.Env, _ = strings.Cut(way, "+")
	if ok {
		l, known := harness.ParseLevel(level)
		if !known {
			return ref, fmt.Errorf("%q is not an isolation level", level)
		}
		ref.Isolation = l
	}
	return ref, nil
}

func (ref Reference) String() string {
	s := harness.Label{Strategy: ref.Strategy, Env: ref.Env}.Composed()
	if ref.Target != "" {
		s = ref.Target + "/" + s
	}
	if ref.Isolation != "" {
		s += "@" + string(ref.Isolation)
	}
	if ref.Fault != "" {
		s += "!" + ref.Fault
	}
	return s
}

// Names reports whether the reference can mean that row.
func (ref Reference) Names(l harness.Label) bool {
	return l.Strategy == ref.Strategy && l.Env == ref.Env && l.Fault == ref.Fault && (ref.Target == "" || l.Target == ref.Target) && (ref.Isolation == "" || l.Isolation == ref.Isolation)
}

// Goodput is ok operations a second: over all repeats their median, else what was measured.
func (r *Row) Goodput() stats.Summary {
	if r.Report == nil {
		return stats.Summary{}
	}
	if len(r.Runs) > 0 {
		return stats.Summarize(r.Goodputs())
	}
	return stats.Summary{Median: r.Report.Goodput(), N: 1}
}

// Goodputs are those of its repeats.
func (r *Row) Goodputs() []float64 {
	var all []float64
	for _, run := range r.Runs {
		all = append(all, run.Goodput())
	}
	return all
}

// Sound reports whether the row is known to be safe: by itself, or as a quiet step of a safe sweep.
func (r *Row) Sound() bool {
	return r.Verdict() == harness.Safe || r.Verdict() == harness.Quiet && r.Judgement().AsExpected && !r.PromisedUnsafe()
}

// Base is the row that row's goodput is compared with: the reference, else the fastest safe row of its target, or where none is safe
// the fastest; always of the same workload, clients and cells. nil: there is none.
func (r *Result) Base(row *Row) *Row {
	var best *Row
	for i := range r.Rows {
		other := &r.Rows[i]
		if other.Report == nil || other.Label.Workload != row.Label.Workload || !other.sameStep(row) {
			continue
		}
		if best == nil && r.mayBeBase(other, row) || best != nil && r.mayBeBase(other, row) && r.closer(other, best, row) {
			best = other
		}
	}
	return best
}

func (r *Result) mayBeBase(other, row *Row) bool {
	if other.Saturated() || row.Saturated() {
		return false // such figures are those of a worker
	}
	if r.Reference == (Reference{}) {
		return other.Label.Target == row.Label.Target && (other.Sound() || !other.Control) && other.Goodput().Median > 0
	}
	return r.Reference.Names(other.Label) && (r.Reference.Target != "" || other.Label.Target == row.Label.Target)
}

// closer reports whether a is a better base for row than b: safe while b is not, or faster, or, of the reference's rows, the one at row's own level.
func (r *Result) closer(a, b, row *Row) bool {
	switch {
	case r.Reference != (Reference{}):
	case a.Sound() != b.Sound():
		return a.Sound()
	default:
		return a.Goodput().Median > b.Goodput().Median
	}
	return a.Label.Isolation == row.Label.Isolation && b.Label.Isolation != row.Label.Isolation
}

// PromisedUnsafe reports whether the row was promised to break.
func (r *Row) PromisedUnsafe() bool { return r.Expected != nil && !r.Expected.Safe }
