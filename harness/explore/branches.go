package explore

import "slices"

// branch is a schedule to be run: it begins with order, and those asleep before its last turn were tried elsewhere.
type branch struct {
	order []int
	sleep uint64
}

// lowest is the fewest preemptions of a branch that is put off; -1: there is none.
func (r *search) lowest() int {
	return slices.IndexFunc(r.todo, func(q queue) bool { return q.next < len(q.all) })
}

func (r *search) push(preemptions int, b branch) {
	if r.Fewer > 0 && preemptions >= r.Fewer {
		return
	}
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

// take is the first; there must be one.
func (q *queue) take() branch {
	b := q.all[q.next]
	q.all[q.next] = branch{} // it is done with
	if q.next++; q.next == len(q.all) {
		q.all, q.next = q.all[:0], 0
	}
	return b
}
