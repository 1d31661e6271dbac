package explore

// branch is a schedule to be run: it begins with order, and those asleep before its last turn were tried elsewhere.
type branch struct {
	order []int
	sleep uint64
}

// take is the next branch, as soon as there is one; ok: there is, and the budget has room for it.
func (r *search) take() (b branch, preemptions int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		left := r.left()
		switch {
		case r.ended():
			return b, 0, false
		case left == 0 && r.busy == 0:
			r.found.Exhaustive = r.found.Unsteady == 0
			return b, 0, false
		case r.Budget > 0 && r.found.Run+r.busy >= r.Budget-r.Budget/4:
			return b, 0, false
		case left > 0:
			r.busy++
			return r.pop()
		}
		r.moved.Wait()
	}
}

// left is how many branches are put off. mu is held.
func (r *search) left() int {
	n := 0
	for p := range r.todo {
		n += len(r.todo[p].all) - r.todo[p].next
	}
	return n
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
