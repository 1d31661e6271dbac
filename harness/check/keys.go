package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
)

// independentSets is independent for workloads whose reads find collections. A set may have pairs for elements, and be read by
// operations that begin with a pair: it is one of many only if every read found a key with a collection.
func (r *recording) independentSets() bool {
	if !r.independent() {
		return false
	}
	for i := range r.events {
		if e := &r.events[i]; e.F == "read" && e.Type == history.OK {
			_, value, ok := tuple(e.Value)
			if _, many := elements(value); !ok || !many && value != nil {
				return false
			}
		}
	}
	return true
}

// perKey judges what happened to each key by itself, as jepsen.independent does.
func (r *recording) perKey(judge func(*recording) error) error {
	keys, err := r.split()
	if err != nil {
		return err
	}
	unsure := ""
	for _, k := range keys {
		of := "Key " + explainValue(k.key)
		if err := judge(k.recording); err != nil {
			return err
		}
		for name, cases := range k.cases {
			for _, c := range cases {
				r.found(name, func() string { return of + ": " + c.Text }, func() *anomaly.Timeline { return c.Timeline })
			}
		}
		if k.unsure != "" {
			unsure = of + ": " + k.unsure
		} else {
			r.summary = of + ": " + k.summary
		}
	}
	switch judged := r.summary != ""; {
	case !judged:
		r.unsure = unsure
	case unsure != "":
		r.summary += "; of other keys nothing is known: " + unsure
	case len(keys) > 1:
		r.summary = fmt.Sprintf("each of %d keys was judged by itself; the last one, %s", len(keys), r.summary)
	}
	return nil
}

// ofKey is what happened to one key.
type ofKey struct {
	*recording
	key any
}

// split sorts the events by key, and takes the keys off their values. An operation that did not end well may have anything for a
// value, so it belongs to the key of its invocation.
func (r *recording) split() ([]ofKey, error) {
	var keys []ofKey
	byKey, open := map[any]int{}, map[int64]any{}
	for i := range r.events {
		e := r.events[i]
		key, value, ok := tuple(e.Value)
		begun, isOpen := open[e.Process]
		switch {
		case ok && e.Type == history.Invoke:
			open[e.Process] = key
		case !ok && e.Type != history.OK && isOpen:
			key, value = begun, nil
		case !ok:
			return nil, shapeError(&e, "expected a value like [key value], as the others have, found %s", explainValue(e.Value))
		}
		e.Value = value
		at, known := byKey[asKey(key)]
		if !known {
			at = len(keys)
			byKey[asKey(key)] = at
			keys = append(keys, ofKey{&recording{ctx: r.ctx, opt: r.opt, functions: r.functions, byIndex: r.byIndex, cases: map[string][]Case{}}, key})
		}
		keys[at].events = append(keys[at].events, e)
	}
	return keys, nil
}
