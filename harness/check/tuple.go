package check

import (
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// tuple takes a value apart that names its key: [key value], as jepsen.independent writes it, tagged or not.
func tuple(v any) (key, value any, ok bool) {
	if t, tagged := v.(history.Tagged); tagged && strings.HasPrefix(strings.ToLower(t.Tag), "jepsen.independent") {
		v = t.Value
	}
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return nil, nil, false
	}
	return pair[0], pair[1], true
}

// independent reports whether the history is of many keys: every operation begins with a key and a value. A compare-and-set
// has a pair for a value anyway, so of many keys it is a pair within a pair.
func (r *recording) independent() bool {
	some := false
	for i := range r.events {
		e := &r.events[i]
		if e.Type != history.Invoke {
			continue
		}
		_, value, ok := tuple(e.Value)
		if ok && e.F == "cas" && value != nil {
			_, _, ok = tuple(value)
		}
		if !ok {
			return false
		}
		some = true
	}
	return some
}
