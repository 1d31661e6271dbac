package app

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// striker has a fault strike at a statement of those that pass while a load is on, and which one is drawn.
type striker struct {
	kind program.FaultKind
	rand *rand.Rand
	// kill ends the program of an instance, or the server, and starts it again where the load goes on.
	kill   func(in *instance) error
	stands time.Duration // how long all stands still, where it does
	// again draws how many statements, and how long, it is to the next strike; nil: there is one.
	again func(r *rand.Rand) (statements int, wait time.Duration)

	mu      sync.Mutex
	seen    int // statements at which the fault could have struck
	next    int // the one at which it strikes, from 0; -1: none
	from    time.Time
	wrote   map[*proxy.Conn]bool  // in the transaction that it is in
	at      map[*proxy.Batch]bool // struck, and not answered
	struck  int64
	first   string        // the statement that was struck first
	ended   []uint64      // sessions of the server that may be ending
	still   chan struct{} // closed when what is on its way goes on; nil: it goes
	behind  *instance     // that is cut off from the server meanwhile
	slow    bool          // each message is late
	err     error         // of a kill
	closed  bool          // it strikes no more
	working sync.WaitGroup
}

// work does something beside all else, unless the striker is closed. mu is held.
func (s *striker) work(do func()) bool {
	if s.closed {
		return false
	}
	s.working.Go(do)
	return true
}

// arrived strikes at a batch that is about to be sent on, if it is the one.
func (s *striker) arrived(b *proxy.Batch, in *instance) <-chan struct{} {
	reader := in.lane.reader.Load()
	if reader == nil {
		return nil
	}
	does := reader.Read(b.Requests, b.Inside)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if s.holds(in) {
		return s.still
	}
	if s.slow {
		s.struck++
		return later()
	}
	acknowledges := does.Writes != 0 && !b.Inside && !does.Begins || does.Commits && (s.wrote[b.Conn] || does.Writes != 0)
	if s.wrote[b.Conn] = does.Writes != 0 || s.wrote[b.Conn] && b.Inside; does.Step.Ends {
		delete(s.wrote, b.Conn)
	}
	if does.Passes || atCommits(s.kind) && !acknowledges {
		return nil
	}
	s.seen++
	if s.next < 0 || s.seen <= s.next || time.Now().Before(s.from) {
		return nil
	}
	s.next = -1
	if s.again != nil {
		n, wait := s.again(s.rand)
		s.next, s.from = s.seen+n, time.Now().Add(wait)
	}
	if s.struck++; s.struck == 1 {
		s.first, _ = textOf(b)
	}
	return s.strike(b, in)
}

// atCommits reports whether a fault strikes only where something written is committed.
func atCommits(kind program.FaultKind) bool {
	return kind == program.LostCommit || kind == program.Repeat
}

// holds reports whether nothing gets through to or from a copy of the program. mu is held.
func (s *striker) holds(in *instance) bool {
	return s.still != nil && (s.behind == nil || s.behind == in)
}

// delayed is how much longer each message takes under rounds.Delay.
const delayed = time.Millisecond

// later is closed when a message that is late comes.
func later() <-chan struct{} {
	comes := make(chan struct{})
	time.AfterFunc(delayed, func() { close(comes) })
	return comes
}

// standStill holds up all that is on its way for a while; of a copy of the program that was cut off, the connections end then.
func (s *striker) standStill(cutOff *instance) <-chan struct{} {
	still := make(chan struct{})
	goOn := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if cutOff != nil {
			for _, c := range cutOff.proxy.Conns() {
				s.ended = append(s.ended, c.ID())
				c.Cut()
			}
		}
		s.still = nil
		close(still)
	}
	s.still, s.behind = still, cutOff
	s.work(func() {
		time.Sleep(s.stands)
		goOn()
	})
	return still
}

// How long all stands still: in a round, and in a load that goes on.
const standsRound, standsLoad = 30 * time.Millisecond, 200 * time.Millisecond

// strike has the fault strike; hold is closed when the batch may go on.
func (s *striker) strike(b *proxy.Batch, in *instance) (hold <-chan struct{}) {
	switch s.kind {
	case rounds.Delay:
		s.slow = true
		return later()
	case rounds.Pause:
		return s.standStill(nil)
	case rounds.Partition:
		return s.standStill(in)
	}
	s.ended = append(s.ended, b.Conn.ID())
	switch s.kind {
	case program.CutBefore:
		b.Conn.Cut()
	case program.CutAfter:
		b.Fate = proxy.Final
	case rounds.DropConnection:
		for _, c := range in.proxy.Conns() {
			if c != b.Conn && s.rand.IntN(dropped) == 0 {
				s.ended = append(s.ended, c.ID())
				c.Cut()
			}
		}
		late := time.Duration(s.rand.Int64N(int64(dropLate)))
		s.work(func() { // while the server is at work on it, or when that is over
			time.Sleep(late)
			b.Conn.Cut()
		})
	case program.KillProgram, program.KillServer:
		if s.rand.IntN(2) == 0 {
			return s.killBefore(b, in)
		}
		b.Fate = proxy.Withheld
		s.at[b] = true
	default:
		b.Fate = proxy.Withheld
		s.at[b] = true
	}
	return nil
}

// Of the other connections one in so many is dropped, each within so long.
const dropped, dropLate = 3, 2 * time.Millisecond

// killBefore kills before the server gets the statement.
func (s *striker) killBefore(b *proxy.Batch, in *instance) <-chan struct{} {
	hold := make(chan struct{})
	s.killing(in, func() {
		b.Conn.Cut()
		close(hold)
	})
	return hold
}

// killing kills beside all else, and does something then; where nothing is killed any more, only that. mu is held.
func (s *striker) killing(in *instance, then func()) {
	if s.work(func() {
		if s.kind == program.KillProgram {
			s.note(in.mortal())
		}
		err := s.kill(in)
		then()
		s.failed(err)
	}) {
		return
	}
	then()
}

// beside does something beside all else, and keeps its error; false: it strikes no more, and nothing is done.
func (s *striker) beside(do func() error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.work(func() { s.failed(do()) })
}

// hasStruck reports whether it has, at least once.
func (s *striker) hasStruck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck > 0
}

// failed notes an error of a kill.
func (s *striker) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = cmp.Or(s.err, err)
}

// note remembers the sessions of connections that are about to end.
func (s *striker) note(conns []*proxy.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range conns {
		s.ended = append(s.ended, c.ID())
	}
}

// answered goes on with the fault once the server is done with the batch.
func (s *striker) answered(b *proxy.Batch, in *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.at[b]
	delete(s.at, b)
	switch {
	case s.holds(in):
		b.Until = s.still
	case s.slow && !s.closed:
		b.Until = later()
	case !mine:
	case s.kind == program.KillProgram || s.kind == program.KillServer:
		s.killing(in, b.Conn.Cut)
	default:
		b.Conn.Cut()
	}
}

// over has it strike no more, and waits for what the fault still does, and for the end of the sessions that it has struck: what they have under way may be committed
// yet, or rolled back.
func (s *striker) over(ctx context.Context, l *Lane) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.working.Wait()
	s.mu.Lock()
	ended, err := s.ended, s.err
	s.mu.Unlock()
	if err != nil || s.kind == program.KillServer || len(ended) == 0 {
		return err
	}
	return l.gone(ctx, ended)
}

// gone waits until sessions of the server have ended.
func (l *Lane) gone(ctx context.Context, sessions []uint64) error {
	for deadline := time.Now().Add(l.program.options.Limit); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(goneEach) {
		there, err := l.store.There(ctx, sessions)
		if err != nil || !there {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("sessions whose connections were broken are still at the server after %v: what they do there cannot be judged", l.program.options.Limit)
}

const goneEach = time.Millisecond
