package explore

import "slices"

// walk is where a branch is on its way through a schedule: who is asleep, and how often somebody was interrupted.
type walk struct {
	player      Player
	traits      Traits
	sleep       uint64 // actors whose next step was tried instead, in a schedule that differs only in steps that commute
	preemptions int
	slept       [64]Step // the next steps of those asleep, when the last turn was chosen
}

// begin begins the way.
func (w *walk) begin(p Player, t Traits, sleep uint64, preemptions int) {
	w.player, w.traits, w.sleep, w.preemptions = p, t, sleep, preemptions // slept is noted of those asleep, before it is looked at
}

// chosen notes what those asleep would do, before somebody else acts.
func (w *walk) chosen() {
	for j := range w.player.Actors() {
		if w.sleep&(1<<j) != 0 {
			w.slept[j] = w.player.Next(j)
		}
	}
}

// wake wakes those whose step does not commute with what was done in the last turn, with whatever that set free; and those whose
// wait could close a circle with that of the last turn: who is refused then can depend on who waited first.
func (w *walk) wake() {
	turns := w.player.Turns()
	if w.sleep == 0 || len(turns) == 0 {
		return
	}
	now, traits := len(turns), w.traits
	for j := range w.player.Actors() {
		if w.sleep&(1<<j) == 0 {
			continue
		}
		if turns[now-1].Waits && w.mayWait(j) {
			w.sleep &^= 1 << j
			continue
		}
		for k := range turns {
			t := &turns[k]
			if (k == now-1 || t.BlockedUntil == now) && (!traits.commute(t.Step, w.slept[j]) ||
				traits.Structures && !w.slept[j].Over && refusable(turns, t.Client, w.player.Client(j), w.slept[j])) {
				w.sleep &^= 1 << j
				break
			}
		}
	}
}

// mayWait reports whether the next step of actor j, who is asleep, may wait for a lock that a transaction under way has taken.
func (w *walk) mayWait(j int) bool {
	return mayWait(w.traits, w.player.Turns(), w.player.Client(j), w.slept[j])
}

// mayWait reports whether a client's step may wait for a lock that another's transaction under way has taken in the turns so far, or waits for.
func mayWait(traits Traits, turns []Turn, client int, s Step) bool {
	if !s.locks() {
		return false
	}
	var ended uint64 // clients, whose transactions before then are over
	for k := len(turns) - 1; k >= 0; k-- {
		t := &turns[k]
		switch {
		case t.Step.Ends:
			ended |= 1 << t.Client
		case t.Client == client || ended&(1<<t.Client) != 0:
		case t.Step.locks() && !traits.commute(t.Step, s):
			return true
		}
	}
	return false
}

// private is an actor whose next step nobody else can tell the time of; -1: there is none. Whoever acted last comes first.
func (w *walk) private() int {
	p := w.player
	is := func(i int) bool { return p.Ready(i) && w.traits.private(p.Next(i)) }
	if i := last(p); i >= 0 && is(i) {
		return i
	}
	for i := range p.Actors() {
		if w.sleep&(1<<i) == 0 && p.Ready(i) && p.Next(i).Over {
			return i
		}
	}
	return -1
}

// next is who of those able goes on: whoever acted last, so that nobody is interrupted without need; -1: all are asleep.
func (w *walk) next(able []int) int {
	best := -1
	for _, i := range able {
		if w.sleep&(1<<i) != 0 {
			continue
		}
		if i == last(w.player) {
			return i
		}
		if best < 0 || w.preempts(best, able) > w.preempts(i, able) {
			best = i
		}
	}
	return best
}

// preempts is 1 if letting actor i act interrupts another client of those able.
func (w *walk) preempts(i int, able []int) int {
	p := w.player
	l := last(p)
	if l < 0 || p.Client(l) == p.Client(i) {
		return 0
	}
	if slices.ContainsFunc(able, func(k int) bool { return p.Client(k) == p.Client(l) }) {
		return 1
	}
	return 0
}
