package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/spool"
)

// Ending ends sessions of the run on its server: all but the coordinator's own and these; see store.Attachable.
type Ending func(ctx context.Context, but []int64) error

// clients are a row's, in all workers.
type clients struct {
	fleet *Fleet
	spec  Spec
	ends  Ending
	cfg   engine.Config
	keep  *spool.Spool
	job   uint64
	zero  int64 // when the row began, on the fleet's clock

	round  engine.Work
	number int // of the round

	mu     sync.Mutex // of what follows
	halted chan struct{}
	once   *sync.Once

	parts   []*part  // under fleet.mu, as are
	names   []string // of operations
	ended   int      // lost workers whose sessions were ended
	lingers bool     // or may not have been
}

// Spec is what a worker's Maker makes a row of, once the row's Target is set up.
type Spec func(at Place) (json.RawMessage, error)

// Place is a worker's among those of a row.
type Place struct {
	Clients int // that it has
	Number  int // from 0
	Of      int // so many workers
}

// Clients are the clients of a row: engine.Row.Clients makes them.
func (f *Fleet) Clients(cfg engine.Config, keep *spool.Spool, spec Spec, ends Ending) engine.Clients {
	f.jobs++
	return &clients{fleet: f, spec: spec, ends: ends, cfg: cfg, keep: keep, job: f.jobs}
}

// ErrNoWorkers is what the error of a row matches for which no worker is left.
var ErrNoWorkers = errors.New("no worker is left")

// Open shares the clients among the workers that there are, and has them open theirs. If one is lost meanwhile, the others share them anew.
func (c *clients) Open(ctx context.Context, begun time.Time) error {
	c.zero = int64(begun.Sub(c.fleet.begun))
	for {
		members := c.fleet.living()
		if len(members) == 0 {
			return fmt.Errorf("%w: all fell silent", ErrNoWorkers)
		}
		if n := c.cfg.Concurrency; n < len(members) {
			members = members[:n]
		}
		err := c.openOn(ctx, members)
		if !slices.ContainsFunc(members, func(m *member) bool { return m.gone() != "" }) || ctx.Err() != nil {
			return err
		}
		c.shut()
		c.fleet.jobs++
		c.job = c.fleet.jobs
	}
}

// openOn has these workers open the clients.
func (c *clients) openOn(ctx context.Context, members []*member) error {
	c.fleet.mu.Lock()
	c.parts = nil
	for i, m := range members {
		from, to := c.cfg.Concurrency*i/len(members), c.cfg.Concurrency*(i+1)/len(members)
		p := newPart(c, m, from, to, i)
		m.part, m.beat = p, beat{}
		c.parts = append(c.parts, p)
	}
	c.fleet.mu.Unlock()
	var wg sync.WaitGroup
	errs := make([]error, len(c.parts))
	for i, p := range c.parts {
		wg.Go(func() { errs[i] = c.openAt(ctx, p) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// probesBefore is how many round trips say what time it is at a worker before it records anything.
const probesBefore = 3

// openAt has a worker open its clients.
func (c *clients) openAt(ctx context.Context, p *part) error {
	spec, err := c.spec(Place{Clients: p.to - p.from, Number: p.place, Of: len(c.parts)})
	if err != nil {
		return err
	}
	p.of.insist(ctx, order{Kind: open, Job: c.job, Row: &Job{Spec: spec, Config: c.cfg, From: p.from, To: p.to}})
	err = c.fleet.wait(ctx, func() bool {
		b := &p.of.beat
		return p.of.lost != "" || b.Job == c.job && (b.Opened && p.probes >= probesBefore || b.Err != "")
	})
	c.fleet.mu.Lock()
	defer c.fleet.mu.Unlock()
	switch b := &p.of.beat; {
	case err != nil:
		return err
	case p.of.lost != "": // the others are told to share its clients
	case b.Err != "":
		return fmt.Errorf("worker %s on %s: %s", p.of.name, p.of.host, b.Err)
	}
	return nil
}

// Begin readies a round.
func (c *clients) Begin(w engine.Work) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round, c.halted, c.once = w, make(chan struct{}), &sync.Once{}
	c.number++
}

// Halt ends the round.
func (c *clients) Halt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.once == nil {
		return
	}
	c.once.Do(func() {
		close(c.halted)
		if c.round.Halted != nil {
			c.round.Halted()
		}
	})
}

// lead is how long before its beginning workers are told of a round.
const lead = 20 * time.Millisecond

// Work has all workers' clients work, until the round is over and all that they recorded is here, or their worker is lost.
func (c *clients) Work(ctx context.Context) {
	halted := c.halted
	over, done := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	begin := c.fleet.now() + int64(lead)
	for _, p := range c.parts {
		wg.Go(func() { c.workAt(ctx, over, p, begin, halted) })
	}
	wg.Wait()
	done()
	c.endSessions(ctx)
}

// workAt is a round at one worker. ctx ends operations under way.
func (c *clients) workAt(ctx, over context.Context, p *part, begin int64, halted <-chan struct{}) {
	f, m := c.fleet, p.of
	f.mu.Lock()
	if m.lost != "" {
		f.mu.Unlock()
		return
	}
	p.worked = true
	at := begin + p.ahead
	f.mu.Unlock()
	m.insist(over, order{Kind: work, Job: c.job, Round: c.number, For: c.round.For, WarmUp: c.round.WarmUp, At: at})
	ended, end := context.WithCancel(over)
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ended.Done():
		case <-halted:
			m.insist(ended, order{Kind: halt, Job: c.job, Round: c.number})
		}
	})
	wg.Go(func() {
		select {
		case <-ended.Done():
		case <-ctx.Done():
			m.insist(ended, order{Kind: abort, Job: c.job})
		}
	})
	_ = f.wait(over, func() bool {
		b := &m.beat
		return m.lost != "" || b.Job == c.job && (b.Round >= c.number || b.Err != "")
	})
	c.settle(over, p)
	end()
	wg.Wait()
	if t := c.tallyAt(p); t != nil && t.Err != nil {
		c.Halt()
	}
}

// settleWithin is how long records that a worker has sent may take to arrive after it says that it has sent them.
const settleWithin = 15 * time.Second

// settle waits until all that a worker sent of the round is here. What does not arrive is lost, and the worker with it.
func (c *clients) settle(over context.Context, p *part) {
	f, m := c.fleet, p.of
	ctx, cancel := context.WithTimeout(over, settleWithin)
	defer cancel()
	err := f.wait(ctx, func() bool { return m.lost != "" || m.beat.Err != "" || p.damaged != nil || p.whole() })
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case m.lost != "":
	case m.beat.Err != "":
		m.lose("could not send what it recorded: " + m.beat.Err)
	case p.damaged != nil:
		m.lose("sent what cannot be read: " + p.damaged.Error())
	case err != nil:
		m.lose(fmt.Sprintf("sent %d chunks of records, of which %d came", m.beat.Chunks, p.chunks))
	default:
		p.worked = false
	}
}

// endSessions ends what lost workers have left on the server, once they have had the time to find that nobody speaks to them.
func (c *clients) endSessions(ctx context.Context) {
	var but []int64
	var last time.Time
	lost := 0
	c.fleet.mu.Lock()
	for _, p := range c.parts {
		if p.of.lost != "" {
			lost++
			last = later(last, p.of.lostAt)
		} else {
			but = append(but, p.of.beat.Session...)
		}
	}
	c.fleet.mu.Unlock()
	if lost == c.ended || c.ends == nil {
		return
	}
	c.ended = lost
	select {
	case <-time.After(time.Until(last.Add(c.fleet.opt.Lost))):
	case <-ctx.Done():
	}
	if err := c.ends(ctx, but); err != nil {
		c.fleet.opt.Say("what a lost worker left on the server may be at work still, so what the server holds decides nothing: end its sessions: %v", err)
		c.fleet.mu.Lock()
		c.lingers = true
		c.fleet.mu.Unlock()
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Read is what all had done by their last beats.
func (c *clients) Read() *engine.Reading {
	c.fleet.mu.Lock()
	defer c.fleet.mu.Unlock()
	var sum engine.Reading
	for _, p := range c.parts {
		if b := &p.of.beat; b.Job == c.job && b.Reading != nil {
			sum.Merge(b.Reading)
		}
	}
	return &sum
}

// Tally is what all came to.
func (c *clients) Tally() *engine.Tally {
	var all []*engine.Tally
	for _, p := range c.parts {
		all = append(all, c.tallyAt(p))
	}
	sum := engine.TallyOf(all...)
	sum.Clients = c.cfg.Concurrency
	saturation(sum)
	return sum
}

// tallyAt is what one worker came to. Of a lost one it is what it said last.
func (c *clients) tallyAt(p *part) *engine.Tally {
	c.fleet.mu.Lock()
	defer c.fleet.mu.Unlock()
	b := &p.of.beat
	t := &engine.Tally{}
	if p.tally != nil {
		t = p.tally.tally(p.of.name)
	}
	t.Done = t.Done || p.of.lost != ""
	w := engine.Worker{
		Name: p.of.name, Host: p.of.host, Clients: p.to - p.from, Processed: t.Processed(), CPU: b.CPU, Machine: t.CPU, Late: b.Late,
		Slack: time.Duration(p.clock.Slack()), Stalled: b.Stalled, Lost: p.of.lost, Unseen: p.unseen,
		Lingers: c.lingers && p.unseen > 0,
	}
	t.Workers = append(t.Workers, w)
	return t
}

// Recorded has the history hold what came from all workers.
func (c *clients) Recorded(h *harness.History) {
	c.fleet.mu.Lock()
	defer c.fleet.mu.Unlock()
	h.Logs, h.Names = h.Logs[:0], slices.Clone(c.names)
	h.Clocks = h.Clocks[:0]
	for _, p := range c.parts {
		h.Clocks = append(h.Clocks, harness.Clock{Name: p.of.name, Slack: p.clock.Slack(), Missing: p.missing()})
		for _, log := range p.logs {
			h.Logs = append(h.Logs, log)
		}
		h.Faults = append(h.Faults, p.faults...)
	}
	slices.SortFunc(h.Logs, func(a, b *harness.Log) int { return int(a.Process - b.Process) })
}

// name is the index of an operation's name; fleet.mu is held.
func (c *clients) name(n string) uint8 {
	i := slices.Index(c.names, n)
	if i < 0 {
		i = len(c.names)
		c.names = append(c.names, n)
	}
	return uint8(i)
}

// Close has the workers close their clients.
func (c *clients) Close() error {
	c.shut()
	return c.fleet.purge()
}

// shut ends the job at the workers.
func (c *clients) shut() {
	var wg sync.WaitGroup
	for _, p := range c.parts {
		ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
		wg.Go(func() { defer cancel(); p.of.insist(ctx, order{Kind: shut, Job: c.job}) })
	}
	wg.Wait()
	c.fleet.mu.Lock()
	for _, p := range c.parts {
		p.of.part = nil
	}
	c.fleet.mu.Unlock()
}
