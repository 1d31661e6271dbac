package check

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/linear"
)

// Stock demands that each stock is linearizable: buys that were acknowledged found enough, those that were refused did not, in
// some order of the operations that fits their times. So it sees sales that were lost, too, which no limit does. It judges
// those limits whose one cell no operation shares with another. The times of an operation span all of its attempts, and what
// failed did not happen; an unknown operation may have happened at any time from then on, or never. Where several clocks timed them, the order
// that is known is not one of intervals: each clock's view of it is searched by itself, and what only follows from several together is missed.
func Stock(ctx context.Context, h *harness.History, all []Limit, limits linear.Limits) RecordedVerdict {
	v := RecordedVerdict{Verdict: harness.Inconclusive, Operations: h.Len()}
	if v.Reason = h.Cut(); v.Reason != "" {
		return v
	}
	seen := clockViews(h)
	if len(seen) > 1 {
		seen = append(seen, clockView{h, coordinator})
	}
	var stocks []stock
	unjudged := ""
	for _, view := range seen {
		var more []stock
		more, unjudged = stocksOf(view, all)
		stocks = append(stocks, more...)
	}
	objects := make([]linear.Object, len(stocks))
	for i := range stocks {
		objects[i] = stocks[i].Object
	}
	judged, broken := 0, map[*Limit]bool{}
	for i, answer := range linear.Check(ctx, objects, limits) {
		s := &stocks[i]
		if i < len(all) {
			judged += answer.Checked
		}
		switch answer.Answer {
		case linear.Broken:
			if broken[s.limit] {
				continue
			}
			broken[s.limit] = true
			v.Verdict, v.Anomalies = harness.Unsafe, []string{"nonlinearizable"}
			if len(v.Cases) < harness.MaxTexts {
				v.Cases = append(v.Cases, Case{Anomaly: "nonlinearizable", Text: s.explain(h, &answer.Proof)})
			}
		case linear.Undecided:
			if unjudged == "" {
				unjudged = fmt.Sprintf("%s could not be decided: %s", s.limit.name(h), answer.Limit)
			}
		case linear.Linearizable:
		}
	}
	switch {
	case v.Verdict == harness.Unsafe:
		v.Reason = v.Cases[0].Text
	case unjudged != "":
		v.Reason = unjudged
	case judged == 0:
		v.Reason = "no operation is known to have happened"
	default:
		v.Verdict = harness.Safe
		v.Reason = fmt.Sprintf("%s on %s fit one order for each", plural(judged, "operation"), plural(len(all), "stock"))
	}
	return v
}

// stock is one cell with a limit.
type stock struct {
	linear.Object
	limit *Limit
	ids   []int64 // by place in Ops
}

// stocksOf sorts the operations by stock. A stock holds what is above its limit. The text says why some are left out.
func stocksOf(v clockView, all []Limit) (stocks []stock, unjudged string) {
	h := v.h
	at := make([]int, len(h.Start.Values)) // 1 + the cell's stock
	for i := range all {
		l := &all[i]
		if len(l.Cells) != 1 || at[l.Cells[0]] != 0 {
			return nil, fmt.Sprintf("%s is not the stock of one cell alone", l.name(h))
		}
		stocks = append(stocks, stock{Object: linear.Object{Start: h.Start.Values[l.Cells[0]] - l.Min}, limit: l})
		at[l.Cells[0]] = len(stocks)
	}
	for r, margin := range v.ops() {
		var s *stock
		var delta int64
		writes := 0
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if a.Kind == harness.Reads {
				continue
			}
			writes++
			if n := at[a.Cell]; n > 0 {
				s, delta = &stocks[n-1], a.Delta
			}
		}
		switch {
		case s == nil:
		case writes > 1:
			return nil, fmt.Sprintf("%s changes %d cells at once, and a stock is judged by itself", opOf(h, &r), writes)
		default:
			s.add(&r, margin, delta)
		}
	}
	return stocks, ""
}

// add notes an operation, whose times may be off by the margin, if what became of it says anything about the stock.
func (s *stock) add(r *harness.Recorded, margin, delta int64) {
	op := linear.Op{Kind: linear.Add, Call: earliest(r.Invoke, margin), Return: latest(r.End, margin), Value: delta}
	switch r.Outcome {
	case harness.OK:
	case harness.Unknown:
		op.Return = linear.Forever
	case harness.Rejected:
		if r.Declined || delta >= 0 {
			return // for a reason that is not the stock's
		}
		op.Kind = linear.Refuse
	case harness.Failed:
		return
	}
	s.Ops = append(s.Ops, op)
	s.ids = append(s.ids, r.ID)
}

func (s *stock) explain(h *harness.History, p *linear.Proof) string {
	r, _ := h.Finder()(s.ids[p.Ops[0]])
	name, told := sentence(s.limit.name(h)), fmt.Sprintf("%s wanted %d and was told ok", sentence(opOf(h, &r)), -s.Ops[p.Ops[0]].Value)
	if r.Outcome == harness.Rejected {
		told = fmt.Sprintf("%s wanted %d and was refused", sentence(opOf(h, &r)), -s.Ops[p.Ops[0]].Value)
	}
	switch {
	case p.Kind == linear.Beyond && r.Outcome == harness.Rejected:
		return fmt.Sprintf("%s had at least %d left all through %s. %s", name, p.Held[0]+s.limit.Min, h.Span(&r), told)
	case p.Kind == linear.Beyond:
		return fmt.Sprintf("%s had at most %d left all through %s. %s", name, p.Held[0]+s.limit.Min, h.Span(&r), told)
	case r.Outcome == harness.Rejected:
		return fmt.Sprintf("%s had enough left, however the other operations are ordered. %s %s", name, told, h.When(&r))
	}
	return fmt.Sprintf("%s did not have enough left, however the other operations are ordered. %s %s", name, told, h.When(&r))
}
