package anomaly

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/history"
)

// telling puts a refutation into words: a cycle, and what shows those of its steps that are not plain to see.
type telling struct {
	*decider
	*arranged
	letters map[int32]string // by number in the problem
	order   []int32          // those that have letters
}

// letter is what a transaction is called: in the order in which they are met.
func (t *telling) letter(n int32) string {
	if t.letters[n] == "" {
		t.letters[n] = letter(len(t.order))
		t.order = append(t.order, n)
	}
	return t.letters[n]
}

// maxReasons bounds the reasons that are given for the orders of two writers.
const maxReasons = 16

func (t *telling) tell(name string, answer *polygraph.Answer) Witness {
	steps := answer.Cycle
	for _, s := range steps {
		t.letter(s.Txn)
	}
	c := &Cycle{}
	for i := range steps {
		next := steps[(i+1)%len(steps)].Txn
		c.Names = append(c.Names, t.x.name(t.txns[steps[i].Txn]))
		c.Texts = append(c.Texts, t.x.describe(t.txns[steps[i].Txn]))
		c.Kinds = append(c.Kinds, t.kind(&steps[i], next).String())
		c.Whys = append(c.Whys, t.because(&steps[i], next))
	}
	var reasons []string
	for i := range answer.Lemmas[:min(len(answer.Lemmas), maxReasons)] {
		reasons = append(reasons, t.reason(i+1, &answer.Lemmas[i]))
	}
	if n := len(answer.Lemmas) - maxReasons; n > 0 {
		reasons = append(reasons, fmt.Sprintf("… and %d more reasons, for those that these rest on.", n))
	}
	text := c.text()
	for _, n := range t.order[len(steps):] {
		text += fmt.Sprintf("\n%s = %s: %s", t.letters[n], t.x.name(t.txns[n]), t.x.describe(t.txns[n]))
	}
	if len(reasons) > 0 {
		text += "\n" + strings.Join(reasons, "\n")
	}
	if len(c.Names) > maxExplained {
		c = nil // too much for a picture
	}
	return Witness{Anomaly: name, Text: text, Cycle: c}
}

// reason says why of two writers the one came first.
func (t *telling) reason(n int, l *polygraph.Lemma) string {
	first, second := t.letter(l.Pair.First), t.letter(l.Pair.Second)
	key := t.x.keyName(l.Key)
	var path []string
	last := l.Pair.Second
	if l.Reader >= 0 {
		last = l.Reader
	}
	for i := range l.Path {
		next := last
		if i+1 < len(l.Path) {
			next = l.Path[i+1].Txn
		}
		path = append(path, fmt.Sprintf("%s before %s: %s", t.letter(l.Path[i].Txn), t.letter(next), t.because(&l.Path[i], next)))
	}
	text := fmt.Sprintf("(%d) %s wrote %s before %s did: ", n, first, key, second)
	if l.Reader >= 0 && l.Reader != l.Pair.Second {
		reader := t.letter(l.Reader)
		text += fmt.Sprintf("%s read what %s wrote and not what %s did, and came after %s, as ", reader, second, first, first)
	} else {
		text += "as "
	}
	return text + strings.Join(path, "; ") + "."
}

func (t *telling) kind(s *polygraph.Step, next int32) edgeKind {
	switch s.Why {
	case polygraph.Saw:
		return wr
	case polygraph.Overwrote:
		return rw
	case polygraph.Wrote, polygraph.Outdated:
		return ww
	case polygraph.Given:
		if t.later(s.Txn, next) {
			return realtime
		}
	}
	return process
}

// later reports whether the second began after the first was answered.
func (t *telling) later(first, second int32) bool {
	return t.when != nil && t.when.before(t.txns[first], t.txns[second])
}

// because says why a transaction comes before the next one.
func (t *telling) because(s *polygraph.Step, next int32) string {
	a, b := t.letter(s.Txn), t.letter(next)
	from, to := t.txns[s.Txn], t.txns[next]
	kind := t.kind(s, next)
	see := ""
	if s.Lemma > 0 {
		see = fmt.Sprintf(" (see %d)", s.Lemma)
	}
	switch s.Why {
	case polygraph.Overwrote:
		read := "nil"
		if s.Writers.First >= 0 && s.Writers.First != s.Writers.Second {
			read = t.wrote(s.Writers.First, s.Key)
		}
		return fmt.Sprintf("%s read %s as %s, and %s wrote %s after that%s", a, t.x.keyName(s.Key), read, b, t.wrote(next, s.Key), see)
	case polygraph.Wrote:
		return fmt.Sprintf("%s wrote %s to %s, and %s wrote %s after that%s", a, t.wrote(s.Txn, s.Key), t.x.keyName(s.Key), b, t.wrote(next, s.Key), see)
	case polygraph.Outdated:
		return fmt.Sprintf("both wrote %s; %s saw %s, and read %s of %s", t.x.keyName(s.Key), t.letter(s.Reader), a, t.wrote(next, s.Key), b)
	}
	return t.x.why(from, to, kind, a, b)
}

// wrote is what a transaction left a key with.
func (t *telling) wrote(n, key int32) string {
	steps := t.x.t.Steps(t.txns[n])
	for _, op := range slices.Backward(steps) {
		if op.Write && op.Key == t.x.keys[key] {
			return t.x.value(op.Value)
		}
	}
	return t.x.value(history.Initial)
}
