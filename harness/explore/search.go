package explore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Search leads a crew through all schedules of its clients, those with the fewest preemptions first. Of schedules that differ
// only in the order of steps that commute, one is run (sleep sets: Godefroid, Partial-Order Methods, 1996, chapter 5).
type Search struct {
	Crew   *Crew
	Budget int         // the most schedules to run; 0: all there are
	Seed   uint64      // of the draws, where there are more than the budget
	Full   bool        // run equivalent schedules too
	Strict func() bool // whether a schedule that never goes as before is an error; nil: it is given up and counted
	// Each is called after every schedule, and says whether it broke a rule. It makes the store ready for the next.
	Each func(ctx context.Context, s Schedule) (broken bool, err error)
	// Clear makes the store ready for the next schedule after one that was given up.
	Clear func(ctx context.Context) error
	// Stop: end with the first schedule that breaks a rule.
	Stop bool
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
	Unsteady   int       // given up, because they went another way each time they were tried: there are others then
	Shortest   *Schedule // that breaks a rule: fewest preemptions, then fewest turns
}

// branch is a schedule to be run: it begins with order, and those asleep before its last turn were tried elsewhere.
type branch struct {
	order []int
	sleep uint64
}

// ErrDiverged is what Run's error matches when the same schedule went another way than before.
var ErrDiverged = errors.New("the same steps had another result than before")

// search is a Search under way.
type search struct {
	*Search
	todo  []queue // by preemptions
	found Found
}

// Run runs schedules until there are none left, or the budget is spent.
func (s *Search) Run(ctx context.Context) (Found, error) {
	r := &search{Search: s}
	r.push(0, branch{})
	systematic := s.Budget - s.Budget/4 // the rest is kept for draws
	for {
		b, p, ok := r.pop()
		if !ok {
			r.found.Exhaustive = r.found.Unsteady == 0
			return r.found, nil
		}
		if s.Budget > 0 && r.found.Run >= systematic {
			break
		}
		if err := r.steady(ctx, b, p); err != nil {
			return r.found, err
		}
		if s.Stop && r.found.Breaking > 0 {
			return r.found, nil
		}
	}
	src := rand.New(rand.NewPCG(s.Seed, 1<<34))
	for r.found.Run < s.Budget {
		if err := r.draw(ctx, src); err != nil {
			return r.found, err
		}
		if s.Stop && r.found.Breaking > 0 {
			return r.found, nil
		}
	}
	return r.found, nil
}

func (r *search) push(preemptions int, b branch) {
	for len(r.todo) <= preemptions {
		r.todo = append(r.todo, queue{})
	}
	r.todo[preemptions].put(b)
}

// queue holds branches, first come first served.
type queue struct {
	all  []branch
	next int
}

func (q *queue) put(b branch) { q.all = append(q.all, b) }

func (q *queue) take() (branch, bool) {
	if q.next == len(q.all) {
		q.all, q.next = q.all[:0], 0
		return branch{}, false
	}
	b := q.all[q.next]
	q.all[q.next] = branch{} // it is done with
	q.next++
	return b, true
}

// pop is the next branch among those with the fewest preemptions.
func (r *search) pop() (branch, int, bool) {
	for p := range r.todo {
		if b, ok := r.todo[p].take(); ok {
			return b, p, true
		}
	}
	return branch{}, 0, false
}

// tries is how often a schedule is tried that does not go as it went before: which of two transactions in a deadlock is refused can
// depend on a server's clock.
const tries = 20

// steady runs a branch, again if it went another way than before, and gives it up in the end.
func (r *search) steady(ctx context.Context, b branch, preemptions int) (err error) {
	for range tries {
		if err = r.branch(ctx, b, preemptions); !errors.Is(err, ErrDiverged) {
			return err
		}
		if err := r.Clear(ctx); err != nil {
			return err
		}
	}
	if r.Strict != nil && r.Strict() {
		return err
	}
	r.found.Unsteady++
	return nil
}

// branch runs one schedule, and puts off what could have been done otherwise on the way.
func (r *search) branch(ctx context.Context, b branch, preemptions int) error {
	c := r.Crew
	w := walk{crew: c, sleep: b.sleep, preemptions: preemptions}
	asleep := false
	err := c.Play(ctx, func() int {
		turn := len(c.turns)
		if turn < len(b.order) {
			if !c.Ready(b.order[turn]) {
				return -1
			}
			if turn == len(b.order)-1 {
				w.chosen() // who sleeps counts from here on
			}
			return b.order[turn]
		}
		w.wake()
		if i := c.last; !r.Full && i >= 0 && c.Ready(i) && c.traits.private(c.clients[i].next) {
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
		r.putOff(&w, i, able)
		w.preemptions += w.preempts(i, able)
		w.chosen()
		return i
	})
	switch {
	case err != nil:
		return err
	case len(c.turns) < len(b.order):
		return fmt.Errorf("%w: client %d could not go on after turn %d", ErrDiverged, b.order[len(c.turns)], len(c.turns))
	case asleep:
		r.found.Redundant++
		return r.Clear(ctx)
	}
	return r.ran(ctx, w.preemptions)
}

// ran counts a schedule that came to its end.
func (r *search) ran(ctx context.Context, preemptions int) error {
	s := Schedule{Preemptions: preemptions}
	for i := range r.Crew.turns {
		s.Order = append(s.Order, r.Crew.turns[i].Client)
	}
	broken, err := r.Each(ctx, s)
	if err != nil {
		return err
	}
	r.found.Run++
	if broken {
		r.found.Breaking++
		if f := r.found.Shortest; f == nil || s.Preemptions < f.Preemptions ||
			s.Preemptions == f.Preemptions && len(s.Order) < len(f.Order) {
			r.found.Shortest = &s
		}
	}
	return nil
}

// able is who can be chosen.
func (r *search) able() []int {
	all, polled := r.Crew.able()
	r.found.Polled = r.found.Polled || polled
	return all
}

// putOff notes what else could be done instead of letting client i act. Each alternative may leave out what the ones before it
// begin with, as long as that commutes.
func (r *search) putOff(w *walk, i int, able []int) {
	tried := w.sleep
	if !r.Full {
		tried |= 1 << i
	}
	for _, j := range able {
		if j == i || w.sleep&(1<<j) != 0 {
			continue
		}
		order := make([]int, 0, len(r.Crew.turns)+1)
		for k := range r.Crew.turns {
			order = append(order, r.Crew.turns[k].Client)
		}
		b := branch{order: append(order, j)}
		if !r.Full {
			b.sleep = tried
			tried |= 1 << j
		}
		r.push(w.preemptions+w.preempts(j, able), b)
	}
}

// draw runs a schedule in which every choice is drawn.
func (r *search) draw(ctx context.Context, src *rand.Rand) error {
	c := r.Crew
	w := walk{crew: c}
	err := c.Play(ctx, func() int {
		able := r.able()
		i := able[src.IntN(len(able))]
		w.preemptions += w.preempts(i, able)
		return i
	})
	if err != nil {
		return err
	}
	r.found.Drawn++
	return r.ran(ctx, w.preemptions)
}

// Replay plays a schedule again, and notes what was said. Where the order says nothing more, or names a client that cannot go on,
// whoever can does.
func (c *Crew) Replay(ctx context.Context, order []int) ([]Turn, error) {
	c.record = true
	defer func() { c.record = false }()
	at := 0
	err := c.Play(ctx, func() int {
		for ; at < len(order); at++ {
			if i := order[at]; c.Ready(i) {
				at++
				return i
			}
		}
		return slices.IndexFunc(c.clients, func(m *client) bool { return m.state == ready })
	})
	return slices.Clone(c.turns), err
}
