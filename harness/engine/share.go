package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
)

// Share is the clients of a row that work in this process: all of them, or some, where others work elsewhere.
type Share struct {
	Clock func() int64 // what records are timed by, where that is not the time since Open's begun; nil: it is

	row      *Row
	cfg      *Config
	spool    *spool.Spool
	from, to int  // numbers of the clients; to is the first that is not among them
	bounded  bool // the row is, by a number of operations: this share's may be none
	shared   bool // what is recorded is collected meanwhile
	timeout  time.Duration
	queue    queue // nil: no client has to wait for a connection
	clients  []*client

	begun    time.Time
	work     Work // the round under way
	cpu      cpuMeter
	schedule *schedule       // open loop; nil: closed
	striker  *striker        // of what breaks things beside these clients alone; nil: nothing does
	over     context.Context // of the round, where there is a striker
	end      context.CancelFunc
	barrier  *barrier     // burst: of the round under way
	left     atomic.Int64 // operations not yet claimed, where cfg.Ops bounds them
	stop     atomic.Bool

	mu      sync.Mutex // of names, index and failure
	names   []string   // of operations
	index   map[string]uint8
	failure error // the first that ends the row and is no operation's
}

// NewShare is the clients from (included) to (not) of a row that others set up and judge. The numbers of operations and the rate of the
// configuration are the whole row's, of which it takes its part. What it records can be collected while it works.
func NewShare(row Row, cfg Config, from, to int) *Share {
	part := func(n int64) int64 { return n*int64(to)/int64(cfg.Concurrency) - n*int64(from)/int64(cfg.Concurrency) }
	own := cfg
	own.Ops, own.Rate = part(cfg.Ops), cfg.Rate*float64(to-from)/float64(cfg.Concurrency)
	keep := spool.New(spool.Folder(), cfg.SpoolAfter)
	if cfg.Counts {
		keep = nil
	}
	s := newShare(&row, &own, keep, from, to)
	s.bounded, s.shared = cfg.Ops > 0, !cfg.Counts
	if row.Nemesis != nil {
		s.striker = &striker{nemesis: row.Nemesis, seed: cfg.Seed ^ uint64(from), turn: turnOf(to-from, own.Rate), read: s.Read, now: s.now}
	}
	return s
}

// newShare is some clients of the row.
func newShare(row *Row, cfg *Config, keep *spool.Spool, from, to int) *Share {
	share := &Share{row: row, cfg: cfg, spool: keep, from: from, to: to, bounded: cfg.Ops > 0, timeout: cfg.Timeout, index: map[string]uint8{}}
	share.queue = newQueue(row.Target, to-from)
	share.left.Store(cfg.Ops)
	if p, ok := row.Target.(store.InProcess); ok && p.InProcess() {
		share.timeout = 0
	}
	if cfg.Rate > 0 {
		share.schedule = newSchedule(cfg, from)
	}
	return share
}

func (s *Share) now() int64 {
	if s.Clock != nil {
		return s.Clock()
	}
	return int64(time.Since(s.begun))
}

// reserved is for how many operations of all clients together there is room before they begin.
const reserved = 1 << 14

// Open opens a session a client.
func (s *Share) Open(ctx context.Context, begun time.Time) error {
	s.begun = begun
	for id := s.from; id < s.to; id++ {
		src := rand.New(rand.NewPCG(s.cfg.Seed, uint64(id)))
		c := &client{
			share: s, process: int32(id), names: map[string]uint8{},
			ops:  s.row.Workload.Client(id, src),
			rand: rand.New(rand.NewPCG(s.cfg.Seed, uint64(id)|1<<32)),
			log:  &harness.Log{Process: int32(id), Spool: s.spool},
		}
		c.logs = []*harness.Log{c.log}
		c.log.Reserve(reserved / s.cfg.Concurrency)
		if s.shared {
			c.shelf = &shelf{}
		}
		var err error
		if c.session, err = s.row.Target.Session(ctx, harness.SessionOptions{Client: id, Spool: s.spool}); err != nil {
			return fmt.Errorf("open client %d of %s: %w", id, s.row.Label, err)
		}
		s.clients = append(s.clients, c)
	}
	return nil
}

// Close closes the sessions that are open.
func (s *Share) Close() error {
	var errs []error
	for _, c := range s.clients {
		if open := c.session; open != nil {
			c.session = nil
			errs = append(errs, open.Close())
		}
	}
	return errors.Join(errs...)
}

// Spool is where the records lie; nil: in memory alone.
func (s *Share) Spool() *spool.Spool { return s.spool }

// Begin readies a round.
func (s *Share) Begin(w Work) {
	s.work = w
	s.stop.Store(false)
	if w.WarmUp {
		s.left.Store(math.MaxInt64)
	}
	if s.cfg.Burst {
		s.barrier = newBarrier(len(s.clients))
	}
	if s.schedule != nil {
		s.schedule.begin(s.now())
	}
	if s.striker != nil {
		s.over, s.end = context.WithCancel(context.Background())
	}
}

// Work has all clients work until the round is halted.
func (s *Share) Work(ctx context.Context) {
	ended := s.cpu.start()
	var clients sync.WaitGroup
	for _, c := range s.clients {
		clients.Go(func() { c.loop(ctx) })
	}
	var strikes sync.WaitGroup
	if s.striker != nil {
		strikes.Go(func() { s.striker.strike(ctx, s.over, s.fail) })
	}
	clients.Wait()
	ended()
	if s.striker != nil {
		s.end()
		strikes.Wait()
	}
	if s.schedule != nil {
		s.schedule.end(s.now())
	}
	if s.work.WarmUp {
		s.forget()
	}
}

// forget leaves a warm-up out of the figures.
func (s *Share) forget() {
	s.left.Store(s.cfg.Ops)
	s.cpu = cpuMeter{}
	if s.schedule != nil {
		s.schedule.restart(s.clients)
	}
	for _, c := range s.clients {
		c.acct, c.claimed = Accounting{}, 0
	}
}

// Halt tells the clients that the round is over.
func (s *Share) Halt() {
	s.stop.Store(true)
	if s.end != nil {
		s.end()
	}
	if s.work.Halted != nil {
		s.work.Halted()
	}
	if s.schedule != nil {
		s.schedule.end(s.now())
	}
}

// fail ends the round, and the row with err. The first error counts.
func (s *Share) fail(err error) {
	s.mu.Lock()
	if s.failure == nil {
		s.failure = fmt.Errorf("%s: %w", s.row.Label, err)
	}
	s.mu.Unlock()
	s.Halt()
}

// Read is what all clients have done so far.
func (s *Share) Read() *Reading {
	var now Reading
	for _, c := range s.clients {
		c.live.ok.Read(&now.OK)
		for o := range now.Others {
			now.Others[o] += c.live.others[o].Load()
		}
		now.Conflicts += c.live.conflicts.Load()
	}
	return &now
}

// Tally adds up what the clients came to.
func (s *Share) Tally() *Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &Tally{Clients: len(s.clients), Err: s.failure, Done: s.done(), CPU: s.cpu.share()}
	for _, c := range s.clients {
		t.merge(&c.acct)
		if t.Failure == nil {
			t.Failure = c.failure
		}
		if t.Panics += c.panics; t.Panicked == nil && c.panicked != nil {
			t.Panicked = c.panicked
		}
		if t.Err == nil && c.gone != nil {
			t.Err = fmt.Errorf("%s: %w", s.row.Label, c.gone)
		}
	}
	if s.schedule != nil {
		t.Dropped = s.schedule.dropped(s.clients)
	}
	return t
}

// done reports whether the operations, if they are bounded, are done.
func (s *Share) done() bool {
	return s.bounded && s.left.Load() <= 0 && !slices.ContainsFunc(s.clients, (*client).hasClaim)
}

// Recorded has the history hold what all clients recorded.
func (s *Share) Recorded(h *harness.History) {
	h.Logs = h.Logs[:0]
	for _, c := range s.clients {
		h.Logs = append(h.Logs, c.logs...)
	}
	slices.SortFunc(h.Logs, func(a, b *harness.Log) int { return int(a.Process - b.Process) })
	h.Names = s.Names()
}

// Faults are what was broken beside these clients alone, from the n-th on.
func (s *Share) Faults(n int) []harness.Fault {
	if s.striker == nil {
		return nil
	}
	return s.striker.made(n)
}

// Names are those of operations, by Record.Name.
func (s *Share) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.names)
}

func (s *Share) nameIndex(name string) uint8 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.index[name]; ok {
		return i
	}
	i := uint8(len(s.names))
	s.index[name] = i
	s.names = append(s.names, name)
	return i
}
