package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Search leads players through all schedules of their actors, those with the fewest preemptions first. Of schedules that differ
// only in the order of steps that commute, one is run (sleep sets: Godefroid, Partial-Order Methods, 1996, chapter 5).
type Search struct {
	Lanes  []Lane      // each runs schedules of its own, beside the others; what is found does not depend on how many there are
	Budget int         // the most schedules to run; 0: all there are
	Seed   uint64      // of the draws, where there are more than the budget
	Full   bool        // run equivalent schedules too
	Strict func() bool // whether a schedule that never goes as before is an error; nil: it is given up and counted
	// Stop: end with the first schedule that breaks a rule.
	Stop  bool
	Until time.Time // begin no schedule after it; zero: whenever
	Fewer int       // run schedules with fewer preemptions only; 0: all
	// LockTimeouts: each statement that was seen to wait for a lock is let run into its time-out once, in the first schedule in which it
	// waits; what comes after is run in one order only. For players that can.
	LockTimeouts bool
	Ran          func(Found) // is told of each schedule that was run; nil: nobody is
}

// Schedule is who acted when.
type Schedule struct {
	Order       []int // clients, turn by turn
	Preemptions int   // how often a client was interrupted that could have gone on
}

// Found is what a Search found.
type Found struct {
	Run        int       // schedules that were run
	Breaking   int       // of these
	Exhaustive bool      // there are no others
	Drawn      int       // how many of Run were drawn at random
	Redundant  int       // given up, because an equivalent one is run
	Polled     bool      // a client that only asked again was put off until nobody else could go on
	Expired    int       // lock time-outs that were tried, each in a schedule of its own
	Unsteady   int       // given up, because they went another way each time they were tried: there are others then
	Shortest   *Schedule // that breaks a rule: fewest preemptions, then fewest turns
}

// ErrDiverged is what Run's error matches when the same schedule went another way than before.
var ErrDiverged = errors.New("the same steps had another result than before")

// search is a Search under way. Its lanes share what is to be done and what was found.
type search struct {
	*Search
	mu      sync.Mutex
	moved   *sync.Cond      // what came of a job was taken in
	todo    []queue         // by preemptions
	under   []*job          // handed out and not taken in, in the order in which one lane would run them
	drawing bool            // of the budget, what is for draws is left
	drawn   uint64          // draws that were handed out
	tried   map[string]bool // whose lock time-out was
	found   Found
	err     error // of a job; all lanes end
	plain   bool  // Traits.Structures is not made use of
}

// runner is one lane at work.
type runner struct {
	*search
	Lane
	job  *job
	walk walk // of the schedule under way
}

// errCrowded is a pass's error when Traits.Structures does not hold for what was seen.
var errCrowded = errors.New("three transactions that have written were under way at a commit")

// Run runs schedules until there are none left, or the budget is spent.
func (s *Search) Run(ctx context.Context) (Found, error) {
	r := &search{Search: s, tried: map[string]bool{}}
	found, err := r.pass(ctx)
	if errors.Is(err, errCrowded) {
		r = &search{Search: s, tried: map[string]bool{}, plain: true}
		if found.Breaking > 0 {
			r.found = found // it broke all the same
		}
		found, err = r.pass(ctx)
	}
	return found, err
}

// pass runs all lanes from the start.
func (r *search) pass(ctx context.Context) (Found, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.moved = sync.NewCond(&r.mu)
	r.push(0, branch{})
	var lanes sync.WaitGroup
	for _, lane := range r.Lanes {
		lanes.Go(func() {
			l := &runner{search: r, Lane: lane}
			for l.job = r.next(); l.job != nil; l.job = r.next() {
				if l.job.draw != nil {
					l.job.err = l.draw(ctx)
				} else {
					l.job.err = l.steady(ctx)
				}
				if l.ended(ctx) != nil {
					cancel()
				}
			}
		})
	}
	lanes.Wait()
	return r.found, r.err
}

// ended is after the lane's job, and answers the search's error. That of a job which ran ahead is the search's once one lane alone would have met it: until then
// the lane goes on, on a store that is as it was.
func (l *runner) ended(ctx context.Context) error {
	if err := l.finish(l.job); err != nil || l.job.err == nil {
		return err
	}
	if err := l.Clear(ctx); err != nil {
		return l.fail(errors.Join(l.job.err, err))
	}
	return nil
}

// tries is how often a schedule is tried that does not go as it went before: which of two transactions in a deadlock is refused can
// depend on a server's clock.
const tries = 20

// steady runs a branch, again if it went another way than before, and gives it up in the end.
func (r *runner) steady(ctx context.Context) (err error) {
	for range tries {
		r.job.outcome = outcome{}
		if err = r.branch(ctx, r.job.branch, r.job.preemptions); !errors.Is(err, ErrDiverged) {
			return err
		}
		if err := r.Clear(ctx); err != nil {
			return err
		}
	}
	if r.Strict != nil && r.Strict() {
		return err
	}
	r.job.outcome = outcome{unsteady: true}
	return nil
}

// branch runs one schedule, and puts off what could have been done otherwise on the way.
func (r *runner) branch(ctx context.Context, b branch, preemptions int) error {
	p := r.Player
	w := &r.walk
	w.begin(p, r.traits(), b.sleep, preemptions)
	asleep := false
	err := p.Play(ctx, func() int {
		turn := len(p.Turns())
		if turn < len(b.order) {
			if !p.Ready(b.order[turn] % Expire) {
				return -1
			}
			if turn == len(b.order)-1 {
				w.chosen() // who sleeps counts from here on
			}
			return b.order[turn]
		}
		w.wake()
		r.timeOut(w)
		if i := w.private(); !r.Full && i >= 0 {
			asleep = w.sleep&(1<<i) != 0
			if asleep {
				return -1
			}
			w.chosen()
			return i
		}
		able := r.able()
		i := w.next(able)
		if i < 0 {
			asleep = true
			return -1
		}
		r.putOff(w, i, able)
		w.preemptions += w.preempts(i, able)
		w.chosen()
		return i
	})
	switch {
	case err != nil:
		return err
	case w.traits.Structures && crowded(p.Turns()):
		return errors.Join(errCrowded, r.Clear(ctx))
	case len(p.Turns()) < len(b.order):
		return fmt.Errorf("%w: client %d could not go on after turn %d", ErrDiverged, b.order[len(p.Turns())]%Expire, len(p.Turns()))
	case asleep:
		r.job.redundant = true
		return r.Clear(ctx)
	}
	return r.ran(ctx, w.preemptions)
}

// ran judges a schedule that came to its end.
func (r *runner) ran(ctx context.Context, preemptions int) (err error) {
	s := Schedule{Preemptions: preemptions, Order: order(r.Player.Turns())}
	r.job.expired = expired(r.Player)
	if r.job.judged, err = r.Each(ctx, s); err == nil {
		r.job.ran = &s
	}
	return err
}

// traits are those of the lane's player, as far as they are made use of.
func (r *runner) traits() Traits {
	t := r.Player.Traits()
	t.Structures = t.Structures && !r.plain && !r.Full
	return t
}

// able is who can be chosen.
func (r *runner) able() []int {
	all, polled := r.Player.Able()
	r.job.polled = r.job.polled || polled
	return all
}

// putOff notes what else could be done instead of letting actor i act. Each alternative may leave out what the ones before it
// begin with, as long as that commutes.
func (r *runner) putOff(w *walk, i int, able []int) {
	p := r.Player
	if expired(p) {
		return
	}
	tried := w.sleep
	if !r.Full {
		tried |= 1 << i
	}
	for _, j := range able {
		if j == i || w.sleep&(1<<j) != 0 {
			continue
		}
		b := branch{order: append(order(p.Turns()), j)}
		if !r.Full {
			b.sleep = tried
			tried |= 1 << j
		}
		r.job.later = append(r.job.later, later{branch: b, preemptions: w.preemptions + w.preempts(j, able)})
	}
}

// expired reports whether a wait was let run into its time-out.
func expired(p Player) bool {
	return slices.ContainsFunc(p.Turns(), func(t Turn) bool { return t.Expires })
}

// timeOut notes that the statement that waits since the last turn could be let run into its time-out.
func (r *runner) timeOut(w *walk) {
	p, ok := r.Player.(expiring)
	if !ok || !r.LockTimeouts || expired(r.Player) {
		return
	}
	if what, waits := p.Waits(); waits {
		b := branch{order: order(r.Player.Turns())}
		b.order[len(b.order)-1] += Expire
		r.job.later = append(r.job.later, later{branch: b, preemptions: w.preemptions, expires: what})
	}
}

// draw runs a schedule in which every choice is drawn.
func (r *runner) draw(ctx context.Context) error {
	p := r.Player
	w := &r.walk
	w.begin(p, r.traits(), 0, 0)
	err := p.Play(ctx, func() int {
		able := r.able()
		i := able[r.job.draw.IntN(len(able))]
		w.preemptions += w.preempts(i, able)
		return i
	})
	if err != nil {
		return err
	}
	return r.ran(ctx, w.preemptions)
}

// Replay plays a schedule again, and notes what was said. Where the order says nothing more, or names a client that cannot go on,
// whoever can does.
func (c *Crew) Replay(ctx context.Context, order []int) ([]Turn, error) {
	c.record = true
	defer func() { c.record = false }()
	err := Follow(ctx, c, order)
	return slices.Clone(c.turns), err
}

// Follow plays a schedule in an order. Where the order says nothing more, or names an actor that cannot go on, whoever can does.
func Follow(ctx context.Context, p Player, order []int) error {
	at := 0
	return p.Play(ctx, func() int {
		for ; at < len(order); at++ {
			if i := order[at]; p.Ready(i % Expire) {
				at++
				return i
			}
		}
		for i := range p.Actors() {
			if p.Ready(i) {
				return i
			}
		}
		return -1
	})
}
