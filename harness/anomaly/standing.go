package anomaly

import (
	"maps"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// standing is what is known of each model: ruled out by anomalies, or decided to hold. Of all else nothing is known.
type standing struct {
	l       *lattice
	names   []string // of anomalies
	refuted []string // of what is known of models that were refuted otherwise
	holds   []string
}

// out are the models that are ruled out.
func (s *standing) out() map[string]bool { return s.l.ruledOut(slices.Concat(s.names, s.refuted)) }

// kept are the models that hold.
func (s *standing) kept() map[string]bool { return reach(s.holds, s.l.includes) }

// known reports whether a model is ruled out, or decided to hold.
func (s *standing) known(model string) bool { return s.out()[model] || s.kept()[model] }

// hold notes that the models hold which are not ruled out.
func (s *standing) hold(models ...string) {
	out := s.out()
	for _, m := range models {
		if !out[m] {
			s.holds = append(s.holds, m)
		}
	}
}

// tell fills in what is ruled out, what holds, and what is undecided.
func (s *standing) tell(r *Result) {
	out, kept := s.out(), s.kept()
	r.ConsistentWith, r.Undecided = []string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(s.l.all)) {
		switch {
		case name == "linearizable" || out[name]:
		case !kept[name]:
			r.Undecided = append(r.Undecided, name)
		case !slices.ContainsFunc(s.l.included(name), func(m string) bool { return kept[m] && !out[m] }):
			r.ConsistentWith = append(r.ConsistentWith, name)
		}
	}
}

// byCycles are the models that the search for cycles decides, where the order of all versions is known: nothing else could rule them
// out.
func byCycles(order edgeKind) []string {
	all := []string{
		"read-uncommitted", "read-committed", "cursor-stability", "consistent-view", "repeatable-read", "snapshot-isolation", "serializable",
	}
	switch order {
	case process:
		all = append(all, "strong-session-read-uncommitted", "strong-session-read-committed", "strong-session-snapshot-isolation",
			"strong-session-serializable")
	case realtime:
		all = append(all, "strong-read-uncommitted", "strong-read-committed", "strong-snapshot-isolation", StrictSerializable)
	}
	return all
}

// bySources are those among them that do not depend on the order of versions, but on whose writes were read.
func bySources(order edgeKind) []string {
	all := []string{"read-uncommitted", "read-committed"}
	switch order {
	case process:
		all = append(all, "strong-session-read-uncommitted", "strong-session-read-committed")
	case realtime:
		all = append(all, "strong-read-uncommitted", "strong-read-committed")
	}
	return all
}

// unseen reports whether two transactions appended to a list what nobody saw: which came first is not known then.
func unseen(x *index) bool {
	parts := shared(len(x.keys), func(found *bool, from, to int) {
		var seen table
		for k := int32(from); k < int32(to) && !*found; k++ {
			*found = x.kind(k) == history.Lists && x.unseen(k, &seen)
		}
	})
	return slices.Contains(parts, true)
}

func (x *index) unseen(k int32, seen *table) bool {
	steps := x.of(k)
	longest := x.longest(steps)
	seen.reset(len(longest))
	for _, v := range longest {
		seen.put(v)
	}
	one := int32(-1)
	for _, s := range steps {
		op, txn := &x.t.Ops[s], x.txnOf[s]
		if !op.Write || !x.ok(txn) || txn == one || seen.get(op.Value) != nil {
			continue
		}
		if one >= 0 {
			return true
		}
		one = txn
	}
	return false
}
