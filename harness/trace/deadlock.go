package trace

import "fmt"

// hold is a lock that a transaction takes, and keeps while it waits for the next.
type hold struct {
	on        string
	named     bool // a name, not a table
	whole     bool // the table, not rows of it
	exclusive bool
	row       string // which; empty: it cannot be told
}

// holds are the locks of a transaction, in the order in which it takes them.
func (m *moments) holds(tx int) (all []hold) {
	for i := range m.locks {
		if l := &m.locks[i]; l.tx == tx && l.to > l.from {
			all = append(all, hold{on: l.on, named: l.named, whole: !l.rows && !l.named, exclusive: l.exclusive, row: l.row})
		}
	}
	return all
}

// keepsOut reports whether one waits for the other, as far as it is the same row.
func (h hold) keepsOut(other hold) bool {
	return h.on == other.on && h.named == other.named && (h.exclusive || other.exclusive)
}

// deadlock says how two operations can wait for each other; empty: no way was seen. What is left out are locks of gaps and indexes, and
// those that foreign keys take.
func deadlock(a, b *moments) string {
	for i := range a.Transactions {
		for k := range b.Transactions {
			if why := crossed(a, b, a.holds(i), b.holds(k)); why != "" {
				return why
			}
		}
	}
	return ""
}

// crossed looks for two locks that one transaction takes in this order, and the other in that.
func crossed(a, b *moments, mine, theirs []hold) string {
	for i, first := range mine {
		for _, second := range mine[i+1:] {
			for k, other := range theirs {
				for _, last := range theirs[k+1:] {
					if !second.keepsOut(other) || !first.keepsOut(last) {
						continue
					}
					if why := waits(a, b, first, second, other, last); why != "" {
						return why + guarded(mine[:i], theirs[:k])
					}
				}
			}
		}
	}
	return ""
}

// waits says how a, which has first and wants second, and b, which has other and wants last, wait for each other.
func waits(a, b *moments, first, second, other, last hold) string {
	same := a.Operation == b.Operation
	switch {
	case first.on != second.on:
		return fmt.Sprintf("%s locks %s, then %s; %s the other way round", a.Name, first.what(), second.what(), b.Name)
	case first.named || first.whole || second.whole: // it has it already, or nobody else has
		return ""
	case !first.exclusive && second.exclusive && !other.exclusive && last.exclusive && sharedFirst(first, second) && sharedFirst(other, last):
		if same {
			return fmt.Sprintf("%s shares a row of %s before it changes it: two at once each wait for the other", a.Name, first.on)
		}
		return fmt.Sprintf("%s and %s share a row of %s before they change it: each waits for the other", a.Name, b.Name, first.on)
	case first.row == "" || second.row == "" || other.row == "" || last.row == "" || first.row == second.row || other.row == last.row:
		return ""
	case same:
		return fmt.Sprintf("%s locks two rows of %s, one after the other: two at once that take them in another order wait for each other", a.Name, first.on)
	}
	return fmt.Sprintf("%s and %s each lock two rows of %s, one after the other: where they take them in another order, they wait for each other", a.Name, b.Name, first.on)
}

// guarded adds to a sentence what both may hold by then.
func guarded(mine, theirs []hold) string {
	for _, m := range mine {
		for _, h := range theirs {
			if m.exclusive && h.exclusive && m.on == h.on && m.named == h.named {
				return fmt.Sprintf(" (not where both hold the same %s by then)", m.one())
			}
		}
	}
	return ""
}

// sharedFirst reports whether both locks may be of one row.
func sharedFirst(first, then hold) bool {
	return first.row == then.row || first.row == "" || then.row == ""
}

func (h hold) one() string {
	if h.named || h.whole {
		return "lock (" + h.on + ")"
	}
	return "row of " + h.on
}

func (h hold) what() string {
	switch {
	case h.named:
		return "a name (" + h.on + ")"
	case h.whole:
		return "all of " + h.on
	}
	return "rows of " + h.on
}
