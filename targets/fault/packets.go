package fault

// packets takes one direction of MySQL's protocol apart: three bytes of length, one that counts, and what follows. A packet of the
// greatest length goes on in the next.
type packets struct {
	head  [4]byte
	have  int
	left  int
	seq   byte
	body  []byte // how the packet begins
	first bool   // it is not the continuation of another
	full  bool   // it goes on in the next
}

// longest is the length of a packet that another one continues.
const longest = 1<<24 - 1

// take takes from b what belongs to the packet under way. whole: that is all of it.
func (p *packets) take(b []byte) (rest []byte, whole bool) {
	if p.have < len(p.head) {
		n := copy(p.head[p.have:], b)
		p.have, b = p.have+n, b[n:]
		if p.have < len(p.head) {
			return b, false
		}
		p.left = int(p.head[0]) | int(p.head[1])<<8 | int(p.head[2])<<16
		p.first, p.full = !p.full, p.left == longest
		p.seq, p.body = p.head[3], p.body[:0]
	}
	n := min(p.left, len(b))
	p.body = append(p.body, b[:min(n, bodyKept-len(p.body))]...)
	p.left, b = p.left-n, b[n:]
	if p.left > 0 {
		return b, false
	}
	p.have = 0
	return b, true
}

// greeting finds the server's offer of encryption in its first packet, and takes it back: the client goes on in the clear, or says
// that it would rather not.
type greeting struct {
	at   int // bytes of the stream seen
	text int // where the text of the version has ended; 0: not yet
	over bool
}

// What lies where: the version's text comes after the packet's head and a 10; the offer, CLIENT_SSL's byte of the capabilities, comes
// this far after the text's end ("Protocol::HandshakeV10").
const (
	versionAt    = 4
	offerBehind  = 1 + 4 + 8 + 1 + 1
	offerBit     = clientSSL >> 8
	greetingText = 10
)

// clear goes through the next bytes. false: this is no such greeting.
func (g *greeting) clear(b []byte) bool {
	for i := range b {
		switch {
		case g.at == versionAt && b[i] != greetingText:
			return false
		case g.at > versionAt && g.text == 0 && b[i] == 0:
			g.text = g.at
		case g.text > 0 && g.at == g.text+offerBehind:
			b[i] &^= offerBit
			g.over = true
			return true
		}
		g.at++
	}
	return true
}
