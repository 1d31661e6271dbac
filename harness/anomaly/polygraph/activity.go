package polygraph

// queue holds variables, the one that conflicts were most about of late on top, and of equals the oldest.
type queue struct {
	activity []float64 // by variable
	place    []int32   // by variable: its place in the heap, or -1
	heap     []int32
}

// grow adds the next variable.
func (q *queue) grow() {
	v := int32(len(q.place))
	q.activity, q.place = append(q.activity, 0), append(q.place, -1)
	q.push(v)
}

// push puts a variable back, if it is not there.
func (q *queue) push(v int32) {
	if q.place[v] >= 0 {
		return
	}
	q.place[v] = int32(len(q.heap))
	q.heap = append(q.heap, v)
	q.up(q.place[v])
}

// pop takes the top one away; -1: there is none.
func (q *queue) pop() int32 {
	if len(q.heap) == 0 {
		return -1
	}
	top, last := q.heap[0], len(q.heap)-1
	q.swap(0, int32(last))
	q.heap = q.heap[:last]
	q.place[top] = -1
	q.down(0)
	return top
}

// bump makes a variable more active.
func (q *queue) bump(v int32, by float64) {
	q.activity[v] += by
	if q.place[v] >= 0 {
		q.up(q.place[v])
	}
}

func (q *queue) less(i, j int32) bool {
	a, b := q.heap[i], q.heap[j]
	return q.activity[a] > q.activity[b] || q.activity[a] == q.activity[b] && a < b
}

func (q *queue) swap(i, j int32) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.place[q.heap[i]], q.place[q.heap[j]] = i, j
}

func (q *queue) up(i int32) {
	for i > 0 && q.less(i, (i-1)/2) {
		q.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (q *queue) down(i int32) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && int(c) < len(q.heap); c++ {
			if q.less(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		q.swap(i, least)
		i = least
	}
}
