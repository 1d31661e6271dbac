package wire

import "encoding/binary"

// messages takes one direction of PostgreSQL's protocol apart: a type of one byte, a length of four, and what follows.
type messages struct {
	head  [5]byte
	have  int    // bytes of head
	left  int    // bytes of the message to come
	size  int    // bytes of the message in all
	limit int    // bytes of it that are kept
	body  []byte // what is kept so far
}

// greatest is the length of the longest message that PostgreSQL knows.
const greatest = 1 << 30

// take takes from b what belongs to the message under way, and returns how many bytes that is. whole: that is all of it. keep says
// how many bytes of a message are to be kept. bad: this is something else.
func (m *messages) take(b []byte, keep func(kind byte, size int) int) (n int, whole, bad bool) {
	if m.have < len(m.head) {
		n = copy(m.head[m.have:], b)
		if m.have += n; m.have < len(m.head) {
			return n, false, false
		}
		length := binary.BigEndian.Uint32(m.head[1:])
		if length < 4 || length > greatest || m.head[0] < '1' || m.head[0] > 'z' {
			return n, false, true
		}
		m.size = int(length - 4)
		m.left, m.limit = m.size, keep(m.head[0], m.size)
		m.body = m.body[:0]
	}
	step := min(m.left, len(b)-n)
	m.body = append(m.body, b[n:n+min(step, max(0, m.limit-len(m.body)))]...)
	m.left -= step
	if m.left > 0 {
		return n + step, false, false
	}
	m.have = 0
	return n + step, true, false
}

// cut: the message is longer than what is kept of it.
func (m *messages) cut() bool { return len(m.body) < m.size }

// spare gives a long message's memory back.
func (m *messages) spare() {
	if cap(m.body) > 1<<20 {
		m.body = nil
	}
}
