package harness

import "fmt"

// unitOfTime is a unit that people read times in.
type unitOfTime struct {
	name        string
	nanoseconds int64
	decimals    int // at least
}

// unitFor is the unit in which a moment is written: the largest that it has one of.
func unitFor(nanoseconds int64) unitOfTime {
	switch {
	case nanoseconds < 1_000_000:
		return unitOfTime{"µs", 1_000, 0}
	case nanoseconds < 1_000_000_000:
		return unitOfTime{"ms", 1_000_000, 1}
	}
	return unitOfTime{"s", 1_000_000_000, 1}
}

// text is a moment cut off after as many decimals.
func (u unitOfTime) text(nanoseconds int64, decimals int) string {
	step := u.step(decimals)
	return fmt.Sprintf("%.*f", decimals, float64(nanoseconds/step*step)/float64(u.nanoseconds))
}

// step is what the last of so many decimals counts, in nanoseconds; at least one.
func (u unitOfTime) step(decimals int) int64 {
	step := u.nanoseconds
	for range decimals {
		step = max(step/10, 1)
	}
	return step
}

// Span is from an operation's invocation to its answer: "3.912–3.934 ms", or "turns 3–5" where times count turns. It has as
// many decimals as tell the two apart.
func (h *History) Span(r *Recorded) string {
	if h.Turn > 0 {
		first, last := r.Invoke/h.Turn, r.End/h.Turn
		if first == last {
			return fmt.Sprint("turn ", first)
		}
		return fmt.Sprintf("turns %d–%d", first, last)
	}
	u := unitFor(r.End)
	decimals := u.decimals
	for step := u.step(decimals); step > 1 && r.End-r.Invoke < 5*step; step = u.step(decimals) {
		decimals++
	}
	from, to := u.text(r.Invoke, decimals), u.text(r.End, decimals)
	if from == to {
		return to + " " + u.name
	}
	return from + "–" + to + " " + u.name
}

// When is Span after the word that it takes: "at 3.912–3.934 ms", "in turns 3–5".
func (h *History) When(r *Recorded) string { return h.preposition() + " " + h.Span(r) }

// Answered is when an operation was answered: "at 3.93 ms", "in turn 5". It has as few decimals as leave the moment within the
// operation, so that client and moment name the operation.
func (h *History) Answered(r *Recorded) string { return h.Moment(r.Invoke, r.End) }

// Moment is a moment with as few decimals as leave it no earlier than since.
func (h *History) Moment(since, moment int64) string {
	if h.Turn > 0 {
		return fmt.Sprint("in turn ", moment/h.Turn)
	}
	u := unitFor(moment)
	decimals := u.decimals
	for step := u.step(decimals); step > 1 && moment/step*step < since; step = u.step(decimals) {
		decimals++
	}
	return "at " + u.text(moment, decimals) + " " + u.name
}

func (h *History) preposition() string {
	if h.Turn > 0 {
		return "in"
	}
	return "at"
}
