package explore

import (
	"math/rand/v2"
	"time"
)

// job is one schedule that a lane is to run, while other lanes run others. What comes of jobs is taken in in the order in which they were
// handed out, which is the order in which one lane alone would run them: nothing that is found depends on which lane is faster.
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
	broken                               bool
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
		if r.ended() || !r.Until.IsZero() && !time.Now().Before(r.Until) {
			return nil
		}
		j, over := r.hand()
		if j != nil {
			r.under = append(r.under, j)
		}
		if j != nil || over {
			return j
		}
		r.moved.Wait()
	}
}

// ended reports whether nothing counts any more. mu is held.
func (r *search) ended() bool { return r.err != nil || r.Stop && r.found.Breaking > 0 }

// hand is the job that one lane alone would run next, if that is certain whatever comes of those under way; over: there is none any more.
// What a branch puts off has at least its own preemptions, and comes after those that have as many.
func (r *search) hand() (j *job, over bool) {
	idle, run := len(r.under) == 0, r.found.Run+len(r.under)
	if r.drawing {
		if run >= r.Budget {
			return nil, true
		}
		r.drawn++
		return &job{draw: rand.New(rand.NewPCG(r.Seed, 1<<34+r.drawn))}, false
	}
	lowest, systematic := r.lowest(), r.Budget-r.Budget/4 // the rest of the budget is for draws
	switch {
	case lowest < 0 && idle:
		r.found.Exhaustive = r.found.Unsteady == 0
		return nil, true
	case r.Budget > 0 && run >= systematic && idle:
		r.drawing = true
		return r.hand()
	case lowest < 0, r.Budget > 0 && run >= systematic, !idle && r.under[0].preemptions != lowest:
		return nil, false
	}
	return &job{branch: r.todo[lowest].take(), preemptions: lowest}, false
}

// finish notes that a job is done, takes in what is due, and answers the search's error.
func (r *search) finish(j *job) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.done = true
	for len(r.under) > 0 && r.under[0].done && !r.ended() {
		j, r.under = r.under[0], r.under[1:]
		r.takeIn(j)
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
	f.Breaking += count(j.broken)
	if s := f.Shortest; j.broken && (s == nil || j.ran.Preemptions < s.Preemptions ||
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
