package hostile

import (
	"encoding/binary"
	"maps"
	"net"
	"slices"
	"time"
)

// Mode is a way to misbehave.
type Mode string

// Modes are all of them, by name.
func Modes() []Mode {
	return slices.Sorted(func(yield func(Mode) bool) {
		for m := range maps.Keys(speakers) {
			if !yield(m) {
				return
			}
		}
		for m := range maps.Keys(filters) {
			if !yield(m) {
				return
			}
		}
	})
}

// Speaks reports whether the mode never lets a client in, if it begins at once. Others pass on what the real server says, changed.
func (m Mode) Speaks() bool { return speakers[m] != nil }

// Alters reports whether the mode changes values, so that a client may well be told what is not so.
func (m Mode) Alters() bool { return m == "corrupt" || m == "duplicate" || m == "truncate" }

// speakers are servers of their own.
var speakers = map[Mode]func(*link){
	"silent": silence,
	"close":  func(*link) {},
	"reset": func(l *link) {
		if c, ok := l.client.(*net.TCPConn); ok {
			_ = c.SetLinger(0) // a failure leaves a close
		}
	},
	"garbage": func(l *link) {
		l.greeted()
		b := make([]byte, 64<<10)
		for range 50 {
			for i := range b {
				b[i] = byte(l.rand.Uint32())
			}
			if !l.send(b) {
				return
			}
		}
	},
	"huge-message": func(l *link) {
		l.greeted()
		head := []byte{'R', 0x7f, 0xff, 0xff, 0xff}
		if l.server.protocol == MySQL {
			head = []byte{0xff, 0xff, 0xff, 0}
		}
		for zeros := make([]byte, 64<<10); l.send(head); head = zeros {
		}
	},
	"negative-length": func(l *link) {
		l.greeted()
		b := binary.BigEndian.AppendUint32([]byte{'R'}, 1)
		if l.server.protocol == MySQL {
			b = make([]byte, 400)
		}
		if l.send(b) {
			silence(l)
		}
	},
	"endless-notices": func(l *link) {
		l.greeted()
		b := append(binary.BigEndian.AppendUint32([]byte{'N'}, 4+6+1), "Mxxxx\x00\x00"...)
		if l.server.protocol == MySQL {
			b = []byte{1, 0, 0, 0, 10}
		}
		for l.send(b) {
		}
	},
	"short-greeting": func(l *link) {
		l.greeted()
		b := binary.BigEndian.AppendUint32([]byte{'R'}, 4)
		if l.server.protocol == MySQL {
			b = []byte{3, 0, 0, 0, 10, '5', 0}
		}
		if l.send(b) {
			silence(l)
		}
	},
}

// silence reads what comes, and answers nothing.
func silence(l *link) { pump(l.client, func([]byte) bool { return true }) }

// greeted reads the client's first message where it speaks first, and says no to TLS.
func (l *link) greeted() {
	if l.server.protocol != Postgres || !l.fresh {
		return
	}
	const sslRequest = 8 // bytes
	buf := make([]byte, 4<<10)
	if n, err := l.client.Read(buf); err == nil && n == sslRequest && l.send([]byte{'N'}) {
		_, _ = l.client.Read(buf) // what follows fails too
	}
}

// filters change what the real server says.
var filters = map[Mode]func(*link, []byte) bool{
	"close-later": func(l *link, b []byte) bool { return l.n <= l.limit && l.send(b) },
	"stall": func(l *link, b []byte) bool {
		if l.n > l.limit {
			<-l.server.closed
		}
		return l.send(b)
	},
	"freeze": func(l *link, b []byte) bool {
		if l.server.passed.Load() > freezeAfter {
			<-l.server.closed
		}
		return l.send(b)
	},
	"drip": func(l *link, b []byte) bool {
		for i := range b {
			if !l.send(b[i:i+1]) || l.n > dripAfter && !l.sleep(100*time.Microsecond) {
				return false
			}
		}
		return true
	},
	"slow": func(l *link, b []byte) bool { return l.sleep(10*time.Millisecond) && l.send(b) },
	"corrupt": func(l *link, b []byte) bool {
		if l.rand.IntN(300) == 0 {
			b[l.rand.IntN(len(b))] ^= 1 << l.rand.IntN(8)
		}
		return l.send(b)
	},
	"truncate": func(l *link, b []byte) bool {
		if l.rand.IntN(100) == 0 {
			b = b[:len(b)-1]
		}
		return l.send(b)
	},
	"duplicate": func(l *link, b []byte) bool {
		return l.send(b) && (l.rand.IntN(100) > 0 || l.send(b))
	},
}

const (
	freezeAfter = 2000 // bytes of all connections
	dripAfter   = 3000 // bytes of one
)
