package app

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

const (
	// patience is how long a statement may take before the server is asked whether it waits for a lock, and wary how long where
	// another session may hold one. The pause before the next question grows to longest.
	patience = 700 * time.Microsecond
	wary     = 200 * time.Microsecond
	longest  = 5 * time.Millisecond
	// rest is how long a statement that waits is left alone, where a circle of waits may come: the server has then looked for a
	// deadlock, and what it would find later is the next one's. So it is always the same that is refused.
	rest = 5 * time.Millisecond
)

// locks are the tables, by bits, on which the transactions under way may hold locks.
type locks map[*proxy.Conn]uint64

// wanted are the tables on which a statement may wait for locks, and hold them then.
func (l *Lane) wanted(s *statement.Statement) uint64 {
	if s.Step.Point == harness.AtRead && s.Writes == 0 && !s.Locks && !l.traits.Watches {
		return 0
	}
	return s.Reads | s.Writes
}

// takes prepares for a statement that is about to be let go: it says whether it may have to wait, and whether that may close a circle.
// Before the latter, whoever waits is left alone for a while.
func (l *Lane) takes(c *proxy.Conn, s *statement.Statement) (mayWait, mayCircle bool) {
	want := l.wanted(s)
	for other, tables := range l.locks {
		mayWait = mayWait || other != c && tables&want != 0
	}
	for _, p := range l.players {
		for i := range p.out {
			f := &p.out[i]
			if f.batch.Conn != c && f.waiting && (f.turn < 0 || l.locks[f.batch.Conn]&want != 0) {
				mayCircle = true
				time.Sleep(time.Until(f.since.Add(rest)))
			}
		}
	}
	l.locks[c] |= want
	return mayWait, mayCircle
}

// gives takes in that a statement was answered: at the end of a transaction its locks are free, but for those that a session takes
// otherwise.
func (l *Lane) gives(b *proxy.Batch) {
	over := b.Lost || len(b.Answers) > 0 && b.Answers[len(b.Answers)-1].State == wire.Idle
	if over && l.locks[b.Conn] != explore.Everything {
		delete(l.locks, b.Conn)
	}
}

// patience is how long a statement may take before the server is asked whether it waits.
func (f *flight) patience() time.Duration {
	if f.wary {
		return wary
	}
	return patience
}

// pause is how long something may happen by itself before the server is asked for the nth time.
func (l *Lane) pause(n int) time.Duration {
	d := patience
	for _, p := range l.players {
		for i := range p.out {
			if f := &p.out[i]; !f.waiting {
				d = min(d, f.patience())
			}
		}
	}
	return min(d<<min(n, 8), longest)
}
