package check

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// LostSales counts operations that were refused although there was enough, provably, during the whole of the operation. It
// is a figure: underselling costs money, but breaks no promise.
//
// The proof is a lower bound: what had been acknowledged as added before the operation began, less everything that may
// have been taken before it was answered. An operation that takes from several limits was refused wrongly only if none of
// them was short.
func LostSales(limits []Limit) harness.Checker {
	return harness.Checker{
		Name: "lost-sales", Rule: "nobody is refused what is there", Unit: "refusals", Figure: true, NeedsOps: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding { return lostSales(h, limits) },
		Plant: func(h *harness.History) (*harness.History, bool) { return plantLostSale(h, limits) },
	}
}

// bounds is how little a limit's sum can have been.
type bounds struct {
	start        int64
	given, taken timeline // acknowledged additions by answer; possible subtractions by invocation
}

// least is the least that the sum can have been at any moment of the operation. At the same instant, what adds comes too
// late and what takes comes in time. at is where the timelines were read the last time.
func (b *bounds) least(r *harness.Recorded, at *places) int64 {
	return b.start + b.given.before(r.Invoke, &at.given) + b.taken.before(min(r.End, never)+1, &at.taken)
}

// places are those of a moment in the timelines of bounds. Zero: the beginning.
type places struct{ given, taken int }

func lostSales(h *harness.History, all []Limit) harness.Finding {
	ls := newLimits(all, len(h.Start.Values))
	var f harness.Finding
	if f.Unable = h.Cut(); f.Unable != "" {
		return f // what nobody knows of may have taken the last one
	}
	for _, v := range clockViews(h) {
		ls.refused(v, ls.bounds(v), &f)
	}
	f.Measure = f.Violations
	return f
}

// refused counts what was refused wrongly of what the view's own clock timed.
func (ls *limits) refused(v clockView, limit []bounds, f *harness.Finding) {
	var moves []move
	at := make([]places, len(limit))
	for r := range v.own() {
		if r.Outcome != harness.Rejected || r.Declined {
			continue
		}
		moves = ls.moves(moves, r.Accesses)
		wrongly := false
		for _, m := range moves {
			if m.takes == 0 {
				continue
			}
			if wrongly = limit[m.limit].least(&r, &at[m.limit])+m.takes >= ls.all[m.limit].Min; !wrongly {
				break
			}
		}
		if wrongly {
			f.Add(ls.explainRefusal(v.h, r.ID, limit))
		}
	}
}

func (ls *limits) bounds(v clockView) []bounds {
	h := v.h
	given, taken := make([][]event, len(ls.all)), make([][]event, len(ls.all))
	up, down := ls.room(h)
	for i := range ls.all {
		given[i], taken[i] = spool.Make[event](h.Spool, 0, up[i]), spool.Make[event](h.Spool, 0, down[i])
	}
	var moves []move
	for r, margin := range v.ops() {
		if r.Outcome != harness.OK && r.Outcome != harness.Unknown {
			continue
		}
		moves = ls.moves(moves, r.Accesses)
		for _, m := range moves {
			switch {
			case m.net < 0:
				taken[m.limit] = spool.Append(h.Spool, taken[m.limit], newEvent(earliest(r.Invoke, margin), m.net))
			case m.net > 0 && r.Outcome == harness.OK:
				given[m.limit] = spool.Append(h.Spool, given[m.limit], newEvent(latest(r.End, margin), m.net))
			}
		}
	}
	bs := make([]bounds, len(ls.all))
	var spare []event
	for i := range bs {
		b := &bs[i]
		b.start = ls.all[i].sum(h.Start.Values)
		b.given, spare = newTimeline(h, given[i], spare)
		b.taken, spare = newTimeline(h, taken[i], spare)
	}
	return bs
}

func (ls *limits) explainRefusal(h *harness.History, id int64, limit []bounds) func() string {
	return func() string {
		r, _ := h.Finder()(id)
		var left, wanted []string
		for _, m := range ls.moves(nil, r.Accesses) {
			if m.takes == 0 {
				continue
			}
			l := &ls.all[m.limit]
			left = append(left, fmt.Sprintf("%s had at least %d left", l.name(h), limit[m.limit].least(&r, new(places))-l.Min))
			wanted = append(wanted, fmt.Sprint(-m.takes))
		}
		return fmt.Sprintf("%s all through %s. %s wanted %s and was refused", sentence(list(left)), h.Span(&r), sentence(opOf(h, &r)), list(wanted))
	}
}

// plantLostSale pretends that there was far more at the start of what some operation was refused.
func plantLostSale(h *harness.History, all []Limit) (*harness.History, bool) {
	const more = 1 << 50
	ls := newLimits(all, len(h.Start.Values))
	for r := range h.Ops() {
		if r.Outcome != harness.Rejected || r.Declined {
			continue
		}
		bad := *h
		bad.Start.Values = append([]int64(nil), h.Start.Values...)
		planted := false
		for i := range r.Accesses {
			if a := &r.Accesses[i]; a.Kind != harness.Reads && a.Delta < 0 && len(ls.byCell[a.Cell]) > 0 {
				bad.Start.Values[a.Cell] += more
				planted = true
			}
		}
		if planted {
			return &bad, true
		}
	}
	return nil, false
}
