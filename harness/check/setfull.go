package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeSetFull follows each element through all reads. It is known from its acknowledgement or from the first read that
// found it, whichever ended first. It is lost if a read that began after that, and after every read that found it, did not
// find it; stable if the last read to begin found it, and stale if another that began when it was known had not; neither if
// no read can tell. The rules are those of jepsen.checker/set-full. If it has to be linearizable and no element shows the contrary, an
// order of all operations is asked for.
func judgeSetFull(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	v, err := newVisibility(r, ops)
	if err != nil {
		return err
	}
	v.findAbsences()
	stable, stale := 0, 0
	for _, e := range v.elements {
		switch {
		case e.present > e.absent:
			stable++
			if e.known < e.absent {
				stale++
				if r.opt.Linearizable {
					r.found("stale-read", func() string { return v.explain(e) + ", though a later read did" }, r.shownBy(e.known, e.absent))
				}
			}
		case e.known != none && e.known < e.absent:
			r.found("lost", func() string { return v.explain(e) + ", nor did any later read" }, r.shownBy(e.known, e.absent))
		}
	}
	if r.opt.Linearizable && len(r.cases) == 0 {
		if err := r.judgeSetOrder(ops); err != nil {
			return err
		}
	}
	r.summary = fmt.Sprintf("%d of %s stayed once known; %d of them were missed by a read on the way", stable, plural(len(v.elements), "element"), stale)
	switch {
	case len(v.reads) == 0:
		r.unsure = "the set was never read"
	case stable == 0:
		r.unsure = "no read shows whether an element stayed: each was too early, or its element is not known to have been added"
	}
	if v.strange > 0 {
		r.summary += fmt.Sprintf("; reads found %s that nobody tried to add, which this workload does not judge", plural(v.strange, "element"))
	}
	return nil
}

// element is what is known of one element, as places in recording.events.
type element struct {
	value   any
	add     int32 // its addition began
	known   int32 // its addition was acknowledged, or a read that found it ended
	present int32 // the last read to begin that found it began
	absent  int32 // the last read to begin that did not find it began
}

// sight is an acknowledged read.
type sight struct {
	operation
	found map[any]bool
}

type visibility struct {
	r        *recording
	elements []*element
	reads    []sight // the last to begin first
	strange  int     // elements found that nobody tried to add
}

func newVisibility(r *recording, ops []operation) (*visibility, error) {
	v := &visibility{r: r}
	byValue := map[any]*element{}
	for _, op := range ops {
		e := &r.events[op.invoke]
		if e.F != "add" {
			continue
		}
		el, again := byValue[asKey(e.Value)]
		if !again {
			el = &element{value: e.Value, add: op.invoke, known: none, present: none, absent: none}
			byValue[asKey(e.Value)] = el
			v.elements = append(v.elements, el)
		}
		if op.outcome == history.OK {
			el.knownAt(op.complete)
		}
	}
	for _, op := range ops {
		if r.events[op.invoke].F != "read" || op.outcome != history.OK {
			continue
		}
		found, err := r.read(op.complete)
		if err != nil {
			return nil, err
		}
		v.see(op, found, byValue)
	}
	slices.SortFunc(v.reads, func(a, b sight) int { return cmp.Compare(b.invoke, a.invoke) })
	return v, nil
}

func (e *element) knownAt(event int32) {
	if e.known == none || event < e.known {
		e.known = event
	}
}

// see notes what a read found.
func (v *visibility) see(op operation, found []any, byValue map[any]*element) {
	s := sight{op, make(map[any]bool, len(found))}
	for _, value := range found {
		key := asKey(value)
		if s.found[key] {
			v.r.found("duplicate-elements", func() string {
				return fmt.Sprintf("Element %s was found more than once by the read of %s", explainValue(value), v.r.place(op.complete))
			})
			continue
		}
		s.found[key] = true
		if el := byValue[key]; el == nil {
			v.strange++
			byValue[key] = &element{add: none} // counted once
		} else {
			el.knownAt(op.complete)
			el.present = max(el.present, op.invoke)
		}
	}
	v.reads = append(v.reads, s)
}

// findAbsences finds, for each element, the last read to begin that did not find it. Each step either settles an element or
// was paid for by a read that found it, so this takes no longer than reading the reads.
func (v *visibility) findAbsences() {
	open := slices.Clone(v.elements)
	for i := range v.reads {
		s := &v.reads[i]
		open = slices.DeleteFunc(open, func(e *element) bool {
			if s.found[asKey(e.value)] {
				return false
			}
			if e.add < s.complete { // else the read was over before the element was thought of, as are those before it
				e.absent = s.invoke
			}
			return true
		})
	}
}

func (v *visibility) explain(e *element) string {
	since := "was added"
	if v.r.events[e.known].F == "read" {
		since = "was found by a read"
	}
	return fmt.Sprintf("Element %s %s by %s. The read that began on %s did not find it", explainValue(e.value), since, v.r.place(e.known), v.r.place(e.absent))
}
