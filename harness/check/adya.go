package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeAdyaG2 demands that of the inserts with one key, each of which found no row with it, no more than one succeeds: in any order
// the second finds the row of the first. Inserts of unknown outcome may have failed. The rule is that of jepsen.tests.adya.
func judgeAdyaG2(r *recording) error {
	type insert struct{ tried, succeeded int32 } // how often; the event of the first that did, or none
	keys, contended := map[any]*insert{}, 0
	for i := range r.events {
		e := &r.events[i]
		key, _, ok := tuple(e.Value)
		switch {
		case !ok && e.Type != history.Fail && e.Type != history.Info:
			return shapeError(e, "expected an insert to have a value like [key [a b]], found %s", explainValue(e.Value))
		case !ok:
			continue // some tests put there why it failed
		}
		k := keys[asKey(key)]
		if k == nil {
			k = &insert{succeeded: none}
			keys[asKey(key)] = k
		}
		switch {
		case e.Type == history.Invoke:
			k.tried++
		case e.Type == history.OK && k.succeeded == none:
			k.succeeded = int32(i)
		case e.Type == history.OK:
			r.found("G2", func() string {
				return fmt.Sprintf("Key %s: the inserts of %s and %s both succeeded, and each had found no row with that key",
					explainValue(key), r.place(k.succeeded), r.place(int32(i)))
			})
		}
	}
	for _, k := range keys {
		if k.tried > 1 && k.succeeded != none {
			contended++
		}
	}
	if contended == 0 {
		r.unsure = "with no key were there two inserts of which one succeeded: nothing could have shown"
	}
	r.summary = fmt.Sprintf("of the inserts with each of %s, one succeeded", plural(contended, "key"))
	return nil
}
