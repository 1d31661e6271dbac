package check

import (
	"cmp"
	"slices"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// mostDrawn bounds the operations of a timeline, and mostBeside those of them that were not under way while one that shows the anomaly was.
const (
	mostDrawn  = 24
	mostBeside = 6
)

// around is the timeline of the operations that show an anomaly, out of all those of the same object: these, what they rest on, and what
// was closest to them. All are places in ops; keyed: their values name a key, which is the same.
func (r *recording) around(ops []operation, all, shows, rests []int32, keyed bool) *anomaly.Timeline {
	t := &anomaly.Timeline{Unit: "line"}
	if r.byIndex {
		t.Unit = "index"
	}
	type near struct {
		op       int32
		distance int32 // in events; 0: at the same time
	}
	var others []near
	for _, i := range all {
		if slices.Contains(shows, i) || slices.Contains(rests, i) || ops[i].outcome == history.Fail {
			continue
		}
		n := near{i, int32(len(r.events))}
		for _, s := range shows {
			n.distance = min(n.distance, distance(&ops[i], &ops[s]))
		}
		others = append(others, n)
	}
	slices.SortStableFunc(others, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	drawn := distinctOps(shows, rests)
	beside := 0
	for _, n := range others {
		if n.distance > 0 {
			beside++
		}
		switch {
		case len(drawn) < mostDrawn && beside <= mostBeside:
			drawn = append(drawn, n.op)
		case n.distance == 0:
			t.Omitted++
		}
	}
	slices.SortFunc(drawn, func(a, b int32) int { return cmp.Compare(ops[a].invoke, ops[b].invoke) })
	for _, i := range drawn {
		t.Operations = append(t.Operations, r.drawn(&ops[i], slices.Contains(shows, i), keyed))
	}
	return t
}

// distinctOps are those that show it, and, as long as there is room, what these rest on.
func distinctOps(shows, rests []int32) []int32 {
	var all []int32
	for _, i := range slices.Concat(shows, rests) {
		if !slices.Contains(all, i) && len(all) < mostDrawn {
			all = append(all, i)
		}
	}
	return all
}

// distance is how many events lie between two operations.
func distance(a, b *operation) int32 {
	if a.invoke > b.invoke {
		a, b = b, a
	}
	if a.outcome == history.Info {
		return 0
	}
	return max(0, b.invoke-a.complete)
}

func (r *recording) drawn(op *operation, shows, keyed bool) anomaly.Operation {
	said := r.said(op)
	value := said.Value
	if keyed {
		_, value, _ = tuple(value)
	}
	o := anomaly.Operation{Process: said.Process, Text: said.F + " " + explainValue(value), From: r.moment(op.invoke), To: -1, Shows: shows, Failed: op.outcome == history.Fail}
	if said.F == "" || said.F == "txn" {
		o.Text = explainValue(value)
	}
	if op.outcome != history.Info {
		o.To = r.moment(op.complete)
	}
	return o
}

// moment is where an event stands, as place names it.
func (r *recording) moment(event int32) int64 {
	if r.byIndex {
		return r.events[event].Index
	}
	return int64(r.events[event].Line)
}

// shownBy draws the operations that these events are of, among all.
func (r *recording) shownBy(events ...int32) func() *anomaly.Timeline {
	return func() *anomaly.Timeline {
		ops, err := r.pair()
		if err != nil {
			return nil
		}
		var all, shows []int32
		for i, op := range ops {
			all = append(all, int32(i))
			if slices.Contains(events, op.invoke) || op.complete != none && slices.Contains(events, op.complete) {
				shows = append(shows, int32(i))
			}
		}
		return r.around(ops, all, shows, nil, false)
	}
}

// timeline draws what proves that an object is not linearizable: the operations of the proof, and whose values these found.
func (w *witness) timeline(p *linear.Proof) *anomaly.Timeline {
	var shows, rests []int32
	found := map[int64]bool{}
	for _, i := range p.Ops {
		if i < 0 {
			continue
		}
		shows = append(shows, w.o.source[i])
		switch w.o.Ops[i].Kind {
		case linear.Read, linear.Swap, linear.Dequeue:
			v := w.foundBy(i)
			found[v] = true
			if failed, ok := w.o.failed[v]; ok {
				rests = append(rests, failed)
			}
		default:
		}
	}
	for _, v := range p.Held {
		found[v] = true
	}
	for i := range w.o.Ops {
		switch op := &w.o.Ops[i]; op.Kind {
		case linear.Write, linear.Swap, linear.Enqueue:
			if found[op.Value] {
				rests = append(rests, w.o.source[i])
			}
		default:
		}
	}
	return w.r.around(w.ops, w.o.source, shows, rests, w.o.keyed)
}
