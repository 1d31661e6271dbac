package explore

import "slices"

// walk is where a branch is on its way through a schedule: who is asleep, and how often somebody was interrupted.
type walk struct {
	crew        *Crew
	sleep       uint64 // clients whose next step was tried instead, in a schedule that differs only in steps that commute
	preemptions int
	slept       [64]step // the next steps of those asleep, when the last turn was chosen
}

// chosen notes what those asleep would do, before somebody else acts.
func (w *walk) chosen() {
	for j, m := range w.crew.clients {
		if w.sleep&(1<<j) != 0 {
			w.slept[j] = m.next
		}
	}
}

// wake wakes those whose step does not commute with what was done in the last turn, with whatever that set free.
func (w *walk) wake() {
	if w.sleep == 0 || len(w.crew.turns) == 0 {
		return
	}
	now := len(w.crew.turns)
	for j := range w.crew.clients {
		if w.sleep&(1<<j) == 0 {
			continue
		}
		for k := range w.crew.turns {
			t := &w.crew.turns[k]
			if (k == now-1 || t.BlockedUntil == now) && !w.crew.traits.commute(t.step, w.slept[j]) {
				w.sleep &^= 1 << j
				break
			}
		}
	}
}

// next is who of those able goes on: whoever acted last, so that nobody is interrupted without need; -1: all are asleep.
func (w *walk) next(able []int) int {
	best := -1
	for _, i := range able {
		if w.sleep&(1<<i) != 0 {
			continue
		}
		if i == w.crew.last {
			return i
		}
		if best < 0 {
			best = i
		}
	}
	return best
}

// preempts is 1 if letting client i act interrupts another of those able.
func (w *walk) preempts(i int, able []int) int {
	if last := w.crew.last; last != i && slices.Contains(able, last) {
		return 1
	}
	return 0
}
