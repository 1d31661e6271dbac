package certificate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// Verify reports what is wrong with a certificate of the history; nil: it proves what it says.
func Verify(c *Certificate, t *history.Transactions) error {
	model := cmp.Or(c.By, c.Model)
	r, known := rules[model]
	switch {
	case !known:
		return fmt.Errorf("model %q is none of which there are certificates: %s", model, strings.Join(Models(), ", "))
	case c.Holds != nil && !Includes(model, c.Model), c.Refutation != nil && !Includes(c.Model, model):
		return fmt.Errorf("whether %s holds does not follow from %s", c.Model, model)
	case t.Holds(history.Sets):
		return fmt.Errorf("of %s there are no certificates", t.Workload())
	case c.Workload != t.Workload():
		return fmt.Errorf("the certificate is of a history of %s, and this is another", c.Workload)
	case len(c.Keys) > 0:
		return errors.New("the certificate is of keys, each of which has a history of its own, and this is one history")
	}
	if err := c.proofs(); err != nil {
		return err
	}
	f := newFacts(t)
	if key, value, is := f.twice(); is {
		return fmt.Errorf("%s is appended to %s twice: of such a history there are no certificates", t.Values.Text(value), t.Keys.Text(key))
	}
	if c.Holds != nil {
		h := holding{facts: f, rule: r, Holds: c.Holds}
		return h.verify()
	}
	p := proof{facts: f, rule: r, order: map[[2]int32]int{}, chosen: map[[3]int32]int32{}, versions: f.versions()}
	return p.verify(c.Refutation, 0)
}

// VerifyKeys is Verify of keys each of which has a history of its own: that the model holds needs proof of every one, that it does not of one.
func VerifyKeys(c *Certificate, keys []history.Keyed) error {
	if err := c.proofs(); err != nil {
		return err
	}
	if len(c.Keys) == 0 {
		return fmt.Errorf("the certificate is of one history, and this is one of %d keys", len(keys))
	}
	proved := map[string]bool{}
	for _, k := range c.Keys {
		i := slices.IndexFunc(keys, func(h history.Keyed) bool { return h.Key == k.Key })
		switch {
		case i < 0:
			return fmt.Errorf("the history has no key %q", k.Key)
		case k.Model != c.Model:
			return fmt.Errorf("key %s is proved for %s, which is not %s", k.Key, k.Model, c.Model)
		}
		if err := Verify(k, keys[i].Transactions); err != nil {
			return fmt.Errorf("key %s: %w", k.Key, err)
		}
		proved[k.Key] = true
	}
	if c.Keys[0].Holds != nil && len(proved) != len(keys) {
		return fmt.Errorf("%d of %d keys are proved", len(proved), len(keys))
	}
	return nil
}

// proof is a refutation on the way down one of its branches.
type proof struct {
	*facts
	rule
	order    map[[2]int32]int   // pairs of writers of which the first came first, by lemma or choice
	chosen   map[[3]int32]int32 // by reader, key and value: whose write it found, by choice
	versions map[int32][][]int32
}

// deepest bounds how many choices may be within each other.
const deepest = 2000

func (p *proof) verify(r *Refutation, depth int) error {
	if r == nil || depth > deepest {
		return fmt.Errorf("a branch of the refutation is missing, or too deep")
	}
	for i := range r.Lemmas {
		l := &r.Lemmas[i]
		if err := p.lemma(l); err != nil {
			return err
		}
		defer p.assume(l.First, l.Second)()
	}
	switch {
	case r.Alone != nil:
		if i := *r.Alone; !p.is(i) || !p.alone(i, p.loose) {
			return fmt.Errorf("transaction %d could have read what it read", i)
		}
		return nil
	case r.Versions != nil:
		v := r.Versions
		if key, ok := p.keys[v.Key]; !ok || !p.is(v.Txns[:]...) || !p.incompatible(v.Txns[0], v.Txns[1], key) {
			return fmt.Errorf("transactions %d and %d do not contradict each other about %s", v.Txns[0], v.Txns[1], v.Key)
		}
		return nil
	case r.Order != nil:
		return p.either(r.Order, depth)
	case r.Read != nil:
		return p.any(r.Read, depth)
	}
	return p.cycle(r.Cycle)
}

// is reports whether there are such transactions.
func (p *proof) is(txns ...int32) bool {
	return !slices.ContainsFunc(txns, func(i int32) bool { return i < 0 || int(i) >= p.Len() })
}

// assume takes an order of two writers for granted, until the result is called.
func (p *proof) assume(first, second int32) (undo func()) {
	pair := [2]int32{first, second}
	p.order[pair]++
	return func() { p.order[pair]-- }
}

// comparable reports whether of two transactions one must have come first: they happened, and wrote the same key.
func (p *proof) comparable(a, b int32) bool {
	if !p.is(a, b) || a == b || !p.happened(a) || !p.happened(b) || p.how > parallel {
		return false
	}
	for key := range p.writes[a] {
		if len(p.writes[b][key]) > 0 {
			return true
		}
	}
	return false
}

// happened reports whether a transaction did, for all that the history and the choices made say.
func (p *proof) happened(i int32) bool {
	if p.observed[i] {
		return true
	}
	for _, from := range p.chosen {
		if from == i {
			return true
		}
	}
	return false
}

func (p *proof) lemma(l *Lemma) error {
	if !p.comparable(l.First, l.Second) {
		return fmt.Errorf("transactions %d and %d need not have come one before the other", l.First, l.Second)
	}
	defer p.assume(l.Second, l.First)()
	return p.cycle(l.Cycle)
}

func (p *proof) either(o *Order, depth int) error {
	if !p.comparable(o.First, o.Second) {
		return fmt.Errorf("transactions %d and %d need not have come one before the other", o.First, o.Second)
	}
	undo := p.assume(o.First, o.Second)
	err := p.verify(o.So, depth+1)
	undo()
	if err != nil {
		return err
	}
	defer p.assume(o.Second, o.First)()
	return p.verify(o.Other, depth+1)
}

// any goes through all from which a read may have come.
func (p *proof) any(r *Read, depth int) error {
	key, known := p.keys[r.Key]
	if !known || !p.is(r.Txn) {
		return fmt.Errorf("there is no read of %s by transaction %d", r.Key, r.Txn)
	}
	value, from := p.mayHaveFound(r, key)
	if len(from) == 0 {
		return fmt.Errorf("transaction %d did not read %s so", r.Txn, r.Key)
	}
	at := [3]int32{r.Txn, key, value}
	if _, twice := p.chosen[at]; twice {
		return fmt.Errorf("what transaction %d read of %s is chosen twice", r.Txn, r.Key)
	}
	for _, w := range from {
		i := slices.IndexFunc(r.Sources, func(s Source) bool { return s.From == w })
		if i < 0 {
			return fmt.Errorf("transaction %d may have read what %d wrote to %s, and that is not refuted", r.Txn, w, r.Key)
		}
		p.chosen[at] = w
		err := p.verify(r.Sources[i].So, depth+1)
		delete(p.chosen, at)
		if err != nil {
			return err
		}
	}
	return nil
}

// mayHaveFound are the writers among whom a read leaves the choice, and the value that it found. Only read-committed asks for what was not
// read first; what a transaction had written itself it may always have found.
func (p *proof) mayHaveFound(r *Read, key int32) (value int32, from []int32) {
	if p.how != committed {
		found, ok := p.firstRead(r.Txn, key)
		if !ok || len(found) == 0 || r.Value != "" {
			return 0, nil
		}
		from, _ = p.sources(r.Txn, key)
		return found[len(found)-1], from
	}
	p.eachRead(r.Txn, func(k int32, found, own []int32) bool {
		if k == key && !p.lists[key] && len(found) > 0 && p.Values.Text(found[0]) == r.Value && !slices.Contains(own, found[0]) {
			value, from = found[0], p.finalOfOthers(r.Txn, key, found[0])
			return false
		}
		return true
	})
	return value, from
}
