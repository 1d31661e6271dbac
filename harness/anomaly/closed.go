package anomaly

import (
	"context"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// PredicateReadMiss is a read by a predicate without a row that matches it in every version that there ever was.
const PredicateReadMiss = "predicate-read-miss"

// JudgeClosed judges a history of Elle's closed predicates (elle.closed-predicate): an init makes a universe of rows, then transactions
// read rows and predicates, and change each row at most once. So all versions of a row are known with their order, and a predicate's
// read tells by what it does not show, too: if all versions of a row match but one, it saw that one. As with Elle it is taken for
// granted that nobody finds what was before the init.
func JudgeClosed(ctx context.Context, events []history.Event, model string) (*Result, error) {
	name, err := ParseModel(model)
	if err != nil {
		return nil, err
	}
	c, err := readClosed(events)
	if err != nil {
		return nil, err
	}
	r := &Result{Model: name}
	for _, o := range c.t.Outcome {
		if o == harness.OK {
			r.Committed++
		}
	}
	if c.rows(); c.unjudgeable != "" {
		r.Verdict, r.Reason = harness.Inconclusive, c.unjudgeable
		return r, nil
	}
	c.txns = int32(c.t.Len())
	for txn := range c.txns {
		c.facts(txn, func(f fact) {
			if f.anomaly != "" {
				c.add(f.anomaly, func() string { return f.text("", "") })
			} else {
				c.edge(f.from, f.to, f.kind)
			}
		})
	}
	done := &conclusion{
		Result: r, say: c, in: &c.inferred, standing: standing{l: newLattice()}, edges: c.edges, when: timesOf(c.t), ordered: true,
		ended:    ctx.Done(),
		sessions: func() []edge { return sessions(c.t) },
	}
	done.order = done.l.order(name)
	done.conclude()
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// closed is a history of closed predicates.
type closed struct {
	*index // of transactions without steps, which have names and times
	inferred
	steps [][]closedStep // by transaction
	init  int32          // the transaction that made the universe, or -1
	byKey map[string]*row
	keys  []string
}

// closedStep is a step of a transaction, keys and values as EDN has them.
type closedStep struct {
	verb       string // insert, delete, w, r, rp
	key, value string // noRow where nothing is there
	pred       predicate
	shown      map[string]string // of rp: the rows that it found
	text       string
}

// noRow is the value of a row that is not there.
const noRow = ""

func (s *closedStep) writes() bool { return s.verb == "insert" || s.verb == "w" || s.verb == "delete" }

// row is what is known of a row.
type row struct {
	key      string
	versions []rowVersion // one or two, in their order
	failed   []rowVersion // those of transactions that failed
}

// rowVersion is a value of a row, or that it is not there.
type rowVersion struct {
	value  string
	writer int32 // -1: before the init
}

// fact follows from what a transaction did: an edge, or an anomaly.
type fact struct {
	from, to int32
	kind     edgeKind
	anomaly  string
	text     func(a, b string) string // of an edge: with what from and to are called
}

// rows gathers the versions of each row.
func (c *closed) rows() {
	of := func(key string) *row {
		r := c.byKey[key]
		if r == nil {
			r = &row{key: key, versions: []rowVersion{{noRow, -1}}}
			c.byKey[key] = r
			c.keys = append(c.keys, key)
		}
		return r
	}
	if c.init >= 0 {
		for _, s := range c.steps[c.init] {
			of(s.key).versions = []rowVersion{{s.value, c.init}}
		}
	}
	for txn := range int32(len(c.steps)) {
		for i := range c.steps[txn] {
			s := &c.steps[txn][i]
			switch {
			case !s.writes() || txn == c.init:
			case !c.possible(txn):
				of(s.key).failed = append(of(s.key).failed, rowVersion{s.value, txn})
			default:
				c.write(of(s.key), rowVersion{s.value, txn})
			}
		}
	}
}

// write notes a version that may have been installed.
func (c *closed) write(r *row, v rowVersion) {
	first := r.versions[0]
	switch {
	case c.unjudgeable != "":
	case len(r.versions) > 1:
		c.unjudgeable = fmt.Sprintf("row %s is changed by %s and by %s: only where each row is changed once is the order of its versions known",
			r.key, c.name(r.versions[1].writer), c.name(v.writer))
	case first.value == v.value && first.writer >= 0:
		c.unjudgeable = fmt.Sprintf("%s changes row %s to %s, which it is at first: a read of it could mean either", c.name(v.writer), r.key, v.value)
	}
	r.versions = append(r.versions, v)
}

// facts yields what follows from one transaction.
func (c *closed) facts(txn int32, yield func(fact)) {
	if !c.possible(txn) {
		return
	}
	own := map[string]string{} // by key: what the transaction wrote
	for i := range c.steps[txn] {
		s := &c.steps[txn][i]
		switch {
		case s.writes():
			own[s.key] = s.value
			if r := c.byKey[s.key]; txn != c.init && r.versions[0].writer >= 0 {
				yield(fact{from: c.init, to: txn, kind: ww, text: func(a, b string) string {
					return fmt.Sprintf("%s made row %s %s, then %s changed it to %s", a, r.key, shownRow(r.versions[0].value), b, shownRow(s.value))
				}})
			}
		case !c.ok(txn):
		case s.verb == "r":
			c.item(txn, s, s.key, s.value, own, yield)
		default:
			c.predicate(txn, s, own, yield)
		}
	}
}

// item yields what follows from a row that was read, by itself or by a predicate.
func (c *closed) item(txn int32, s *closedStep, key, value string, own map[string]string, yield func(fact)) {
	say := func(anomaly, format string, args ...any) {
		yield(fact{anomaly: anomaly, text: func(_, _ string) string {
			return fmt.Sprintf("Row %s was %s in the read %s of %s. ", key, shownRow(value), s.text, c.name(txn)) + fmt.Sprintf(format, args...)
		}})
	}
	if wrote, ok := own[key]; ok {
		if wrote != value {
			say(Internal, "The transaction had made it %s", shownRow(wrote))
		}
		return
	}
	r := c.byKey[key]
	var versions []rowVersion
	if r != nil {
		versions = r.versions
	}
	at := -1
	for i, v := range versions {
		if v.value == value && at >= 0 {
			return // not there at first, nor at the end: it may be either
		}
		if v.value == value {
			at = i
		}
	}
	switch {
	case at < 0 && r != nil && aborted(r.failed, value) >= 0:
		say(G1a, "%s made it so, and failed", c.name(aborted(r.failed, value)))
	case at < 0 && value == noRow && r != nil: // as before the init
		yield(fact{from: txn, to: c.init, kind: rw, text: func(a, b string) string {
			return fmt.Sprintf("%s found no row %s, and %s made it %s: %s did not see it", a, key, b, shownRow(versions[0].value), a)
		}})
	case at < 0 && value != noRow:
		say(GarbageRead, "Nobody ever made it so")
	case at >= 0 && versions[at].writer == txn:
		say(FutureRead, "The transaction wrote that only afterwards")
	case at >= 0:
		c.saw(txn, s, r, at, rw, yield)
	}
}

// saw yields the edges of a read that saw a version.
func (c *closed) saw(txn int32, s *closedStep, r *row, at int, overwritten edgeKind, yield func(fact)) {
	v := r.versions[at]
	how := "found that"
	if overwritten == rwp {
		how = "saw that, as it did not show in " + s.text
	}
	if v.writer >= 0 {
		yield(fact{from: v.writer, to: txn, kind: wr, text: func(a, b string) string {
			return fmt.Sprintf("%s made row %s %s, and %s %s", a, r.key, shownRow(v.value), b, how)
		}})
	}
	if at+1 < len(r.versions) {
		next := r.versions[at+1]
		yield(fact{from: txn, to: next.writer, kind: overwritten, text: func(a, b string) string {
			if overwritten == rwp {
				return fmt.Sprintf("%s read all that matched by %s while row %s was %s, and %s made it %s, which changes what matches: %s did not see that",
					a, s.text, r.key, shownRow(v.value), b, shownRow(next.value), a)
			}
			return fmt.Sprintf("%s found row %s %s, and %s made it %s: %s did not see that", a, r.key, shownRow(v.value), b, shownRow(next.value), a)
		}})
	}
}

// predicate yields what follows from a read by a predicate: from the rows that it found, and from those that it did not.
func (c *closed) predicate(txn int32, s *closedStep, own map[string]string, yield func(fact)) {
	for _, key := range sortedKeys(s.shown) {
		value := s.shown[key]
		if !s.pred.matches(value) {
			yield(fact{anomaly: Internal, text: func(_, _ string) string {
				return fmt.Sprintf("Row %s was %s in the read %s of %s, which that does not match", key, value, s.text, c.name(txn))
			}})
		}
		c.item(txn, s, key, value, own, yield)
	}
	for _, key := range c.keys {
		if _, found := s.shown[key]; found {
			continue
		}
		if wrote, ok := own[key]; ok {
			if s.pred.matches(wrote) {
				yield(fact{anomaly: Internal, text: func(_, _ string) string {
					return fmt.Sprintf("Row %s was missing in the read %s of %s, which had made it %s", key, s.text, c.name(txn), wrote)
				}})
			}
			continue
		}
		c.unshown(txn, s, c.byKey[key], yield)
	}
}

// unshown yields what follows from a row that a predicate did not find: it saw a version that does not match.
func (c *closed) unshown(txn int32, s *closedStep, r *row, yield func(fact)) {
	at, candidates := -1, 0
	for i, v := range r.versions {
		if v.writer != txn && !s.pred.matches(v.value) { // its own version is still to come
			at = i
			candidates++
		}
	}
	switch candidates {
	case 0:
		yield(fact{anomaly: PredicateReadMiss, text: func(_, _ string) string {
			var all []string
			for _, v := range r.versions {
				all = append(all, v.value)
			}
			return fmt.Sprintf("Row %s was missing in the read %s of %s, which it matches in all that it ever was: %s", r.key, s.text, c.name(txn), strings.Join(all, ", "))
		}})
		if r.versions[0].writer >= 0 { // as before the init
			yield(fact{from: txn, to: c.init, kind: rwp, text: func(a, b string) string {
				return fmt.Sprintf("%s read all that matched by %s without row %s, and %s made it %s: %s did not see it", a, s.text, r.key, b, r.versions[0].value, a)
			}})
		}
	case 1:
		c.saw(txn, s, r, at, rwp, yield)
	}
}

// aborted is the transaction that failed and would have made the row so, or -1.
func aborted(failed []rowVersion, value string) int32 {
	for _, v := range failed {
		if v.value == value {
			return v.writer
		}
	}
	return -1
}

// shownRow is a value of a row in a text.
func shownRow(value string) string {
	if value == noRow {
		return "absent"
	}
	return harness.VisibleLine(value)
}

func (c *closed) describe(txn int32) string {
	var parts []string
	for i, s := range c.steps[txn] {
		if i == maxSteps {
			parts = append(parts, fmt.Sprintf("… %d more", len(c.steps[txn])-i))
			break
		}
		parts = append(parts, s.text)
	}
	return strings.Join(parts, ", ")
}

func (c *closed) why(from, to int32, kind edgeKind, a, b string) string {
	if kind == process || kind == realtime {
		return c.index.why(from, to, kind, a, b)
	}
	text := ""
	for _, txn := range []int32{from, to} {
		c.facts(txn, func(f fact) {
			if text == "" && f.anomaly == "" && f.from == from && f.to == to && f.kind == kind {
				text = f.text(a, b)
			}
		})
	}
	return text
}
