package explore

import (
	"math/rand/v2"
	"slices"
	"time"
)

// job is one schedule that a lane is to run, while other lanes run others. What comes of jobs is taken in in the order in which one lane alone
// would run them, and what that lane would not run is not: nothing that is found depends on which lane is faster.
type job struct {
	branch
	preemptions int
	draw        *rand.Rand // of the choices; nil: it is a branch
	outcome
	err  error
	done bool
}

// outcome is what came of a job.
type outcome struct {
	ran                                  *Schedule // nil: it did not come to its end
	judged                               Judged
	expired, polled, redundant, unsteady bool
	later                                []later
}

// later is a branch that a job puts off.
type later struct {
	branch
	preemptions int
	expires     string // whose lock time-out it tries, once in a search
}

// next is the next job, as soon as it is known; nil: there is none any more.
func (r *search) next() *job {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.over() || !r.Until.IsZero() && !time.Now().Before(r.Until) {
			return nil
		}
		if j, over := r.hand(); j != nil || over {
			return j
		}
		r.moved.Wait()
	}
}

// over reports whether nothing counts any more. mu is held.
func (r *search) over() bool { return r.err != nil || r.Stop && r.found.Breaking > 0 }

// hand is the job that one lane alone would run next by what is known now; over: there is none any more. What a branch puts off has at least its own
// preemptions, and comes after those that have as many: those under way may put off branches that come before the job, and those are run first then.
func (r *search) hand() (j *job, over bool) {
	if r.drawing {
		if r.found.Run+len(r.under) >= r.Budget {
			return nil, true
		}
		r.drawn++
		j = &job{draw: rand.New(rand.NewPCG(r.Seed, 1<<34+r.drawn))}
		r.under = append(r.under, j)
		return j, false
	}
	lowest := r.lowest()
	if lowest < 0 {
		idle := len(r.under) == 0
		r.found.Exhaustive = idle && r.found.Unsteady == 0
		return nil, idle
	}
	before := 0
	for before < len(r.under) && r.under[before].preemptions <= lowest {
		before++
	}
	if r.Budget > 0 && r.found.Run+before >= r.systematic() {
		return nil, false // it is not run, unless one of those before it is redundant
	}
	j = &job{branch: r.todo[lowest].take(), preemptions: lowest}
	r.under = slices.Insert(r.under, before, j)
	return j, false
}

// systematic is how much of the budget is not for draws.
func (r *search) systematic() int { return r.Budget - r.Budget/4 }

// due is the job that is to be taken in next, if it is done; nil: none is.
func (r *search) due() *job {
	if len(r.under) == 0 || !r.under[0].done || r.over() {
		return nil
	}
	if lowest := r.lowest(); !r.drawing && lowest >= 0 && lowest < r.under[0].preemptions {
		return nil
	}
	return r.under[0]
}

// finish notes that a job is done, takes in what is due, and answers the search's error.
func (r *search) finish(j *job) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.done = true
	for j := r.due(); j != nil; j = r.due() {
		r.under = r.under[1:]
		r.takeIn(j)
		if !r.drawing && r.Budget > 0 && r.found.Run >= r.systematic() && (len(r.under) > 0 || r.lowest() >= 0) {
			r.drawing, r.under = true, nil // one lane would not have run those
		}
	}
	r.moved.Broadcast()
	return r.err
}

// fail ends the search with an error that no order of jobs says when to meet, unless it has one.
func (r *search) fail(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	r.moved.Broadcast()
	return r.err
}

// takeIn takes in what came of a job.
func (r *search) takeIn(j *job) {
	f := &r.found
	f.Polled = f.Polled || j.polled
	f.Redundant += count(j.redundant)
	f.Unsteady += count(j.unsteady)
	for _, l := range j.later {
		if l.expires != "" {
			if r.tried[l.expires] {
				continue
			}
			r.tried[l.expires] = true
		}
		r.push(l.preemptions, l.branch)
	}
	if r.err = j.err; j.ran == nil {
		return
	}
	f.Run++
	f.Drawn += count(j.draw != nil)
	f.Expired += count(j.expired)
	f.Breaking += count(j.judged.Broken)
	if j.judged.Count != nil {
		j.judged.Count()
	}
	if s := f.Shortest; j.judged.Broken && (s == nil || j.ran.Preemptions < s.Preemptions ||
		j.ran.Preemptions == s.Preemptions && len(j.ran.Order) < len(s.Order)) {
		f.Shortest = j.ran
	}
	if r.Ran != nil {
		r.Ran(*f)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
