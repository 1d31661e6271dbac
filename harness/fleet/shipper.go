package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/lastseat/lastseat/harness/engine"
)

const (
	shipEvery   = 100 * time.Millisecond
	mostPending = 64                     // chunks that are sent and not acknowledged
	mostAtOnce  = 256                    // records of a client that are collected at once: it waits for so many at most
	resendAfter = 2 * time.Second        // a chunk that is not acknowledged is sent again
	stalls      = 500 * time.Millisecond // from then on a wait for an acknowledgement counts as a stall
)

// shipper sends what a share recorded. Its spool is the share's own log, which goes to the disk where it outgrows memory: what cannot be
// sent yet stays there, and clients never wait for it.
type shipper struct {
	w       *worker
	job     uint64
	subject string
	share   *engine.Share
	counts  bool // no operation is recorded
	faults  int  // that are in a chunk
	writer  writer
	ready   [][]byte // chunks that are not sent yet
	pending []pending
	behind  bool // there was more than could be sent

	mu      sync.Mutex
	number  uint64        // of the last chunk
	stalled time.Duration // the longest time without an acknowledgement that was due
}

// pending is a chunk that is sent and not acknowledged.
type pending struct {
	number uint64
	chunk  []byte
	sent   time.Time
	first  time.Time
	ack    jetstream.PubAckFuture
	acked  bool
}

func newShipper(w *worker, job uint64, share *engine.Share, counts bool) *shipper {
	return &shipper{w: w, job: job, subject: chunksOf(w.run, w.id), share: share, counts: counts}
}

func (s *shipper) state() (chunks uint64, stalled time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number, s.stalled
}

// ships sends while clients work. Where the disk fails it ends the round: what comes could not be kept.
func (s *shipper) ships(working, ctx context.Context, halt func()) {
	tick := time.NewTicker(shipEvery)
	defer tick.Stop()
	for {
		var acked <-chan *jetstream.PubAck
		if s.behind && len(s.pending) > 0 && s.pending[0].ack != nil {
			acked = s.pending[0].ack.Ok()
		}
		select {
		case <-working.Done():
			return
		case <-acked:
			s.pending[0].acked = true
		case <-tick.C:
		}
		for s.pass(ctx) && working.Err() == nil {
		}
		if s.share.Spool().Err() != nil {
			halt()
		}
	}
}

// pass collects and sends once, as far as there is room. More: there is more to be sent, and room.
func (s *shipper) pass(ctx context.Context) (more bool) {
	s.settle()
	if room := mostPending - len(s.pending); room > 0 && len(s.ready) == 0 {
		more = s.collect(room)
	}
	for len(s.ready) > 0 && len(s.pending) < mostPending && ctx.Err() == nil {
		s.mu.Lock()
		s.number++
		p := pending{number: s.number, chunk: s.ready[0], first: time.Now()}
		s.mu.Unlock()
		s.ready = s.ready[1:]
		s.send(&p)
		s.pending = append(s.pending, p)
	}
	room := len(s.ready) == 0 && len(s.pending) < mostPending
	s.behind = more || !room
	return more && room
}

// collect makes about so many chunks at most of what came since the last time, all but the last of them full. Their numbers are written when
// they are made, in the order in which they are sent.
func (s *shipper) collect(most int) (more bool) {
	next := s.number
	end := func() {
		next++
		faults := s.share.Faults(s.faults)
		s.faults += len(faults)
		s.ready = append(s.ready, s.writer.end(s.job, next, s.share.Names(), faults))
		s.writer.begin()
	}
	s.writer.begin()
	for more = !s.counts; more && len(s.ready) < most; {
		more = s.share.Collect(mostAtOnce, func(c *engine.Collected) {
			if s.writer.full() {
				end()
			}
			s.writer.add(c)
		})
	}
	if s.writer.n > 0 || len(s.share.Faults(s.faults)) > 0 {
		end()
	}
	return more
}

// send sends a chunk. JetStream keeps one of several with the same id.
func (s *shipper) send(p *pending) {
	p.sent = time.Now()
	id := fmt.Sprintf("%s-%d-%d", s.w.id, s.job, p.number)
	ack, err := s.w.js.PublishAsync(s.subject, p.chunk, jetstream.WithMsgID(id), jetstream.WithStallWait(50*time.Millisecond))
	p.ack = nil
	if err == nil {
		p.ack = ack
	}
}

// settle forgets what is acknowledged, and sends again what was not in time.
func (s *shipper) settle() {
	longest := time.Duration(0)
	kept := s.pending[:0]
	for _, p := range s.pending {
		if p.acked {
			continue
		}
		if p.ack != nil {
			select {
			case <-p.ack.Ok():
				continue
			case err := <-p.ack.Err():
				if err != nil {
					p.ack = nil // it is sent again
				}
			default:
			}
		}
		longest = max(longest, time.Since(p.first))
		if p.ack == nil && time.Since(p.sent) > shipEvery || time.Since(p.sent) > resendAfter {
			s.send(&p)
		}
		kept = append(kept, p)
	}
	s.pending = kept
	if longest > stalls {
		s.mu.Lock()
		s.stalled = max(s.stalled, longest)
		s.mu.Unlock()
	}
}

// flush sends the rest, until all of it is acknowledged.
func (s *shipper) flush(ctx context.Context) error {
	for {
		more := s.pass(ctx)
		if !more && len(s.ready) == 0 && len(s.pending) == 0 {
			break
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("send records: %w", ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
	return s.share.Spool().Err()
}
