package wire

// packets takes one direction of MySQL's protocol apart: three bytes of length, one that counts, and what follows. A packet of the
// greatest length goes on in the next; together they are one.
type packets struct {
	head  [4]byte
	have  int
	left  int
	more  bool // the packet goes on in the next
	seq   byte // of the packet's first part
	size  int64
	limit int
	body  []byte // what is kept so far
	first byte   // of the body, kept or not
}

// longest is the length of a packet that another one continues.
const longest = 1<<24 - 1

// take takes from b what belongs to the packet under way, and returns how many bytes that is. whole: that is all of it. keep says
// how many bytes of a packet are to be kept.
func (p *packets) take(b []byte, keep func() int) (n int, whole bool) {
	if p.have < len(p.head) {
		n = copy(p.head[p.have:], b)
		if p.have += n; p.have < len(p.head) {
			return n, false
		}
		p.left = int(p.head[0]) | int(p.head[1])<<8 | int(p.head[2])<<16
		if !p.more {
			p.seq, p.size, p.first, p.body = p.head[3], 0, 0, p.body[:0]
			p.limit = keep()
		}
		p.more = p.left == longest
	}
	step := min(p.left, len(b)-n)
	part := b[n : n+step]
	if p.size == 0 && step > 0 {
		p.first = part[0]
	}
	p.body = append(p.body, part[:min(step, max(0, p.limit-len(p.body)))]...)
	p.left, p.size = p.left-step, p.size+int64(step)
	if p.left > 0 {
		return n + step, false
	}
	p.have = 0
	return n + step, !p.more
}

// cut: the packet is longer than what is kept of it.
func (p *packets) cut() bool { return int64(len(p.body)) < p.size }

// spare gives a long packet's memory back.
func (p *packets) spare() {
	if cap(p.body) > 1<<20 {
		p.body = nil
	}
}
