package load

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
)

// Config says how clients send operations.
type Config struct {
	Clients  int
	Duration time.Duration
	Rate     float64 // operations a second that are due, over all clients; 0: each as soon as its client is free
	Uniform  bool    // those are equally far apart, and not as from people who do not know each other
	Weights  []int   // of the operations
	Seed     uint64
	Progress func(answered int64, elapsed time.Duration) // is told a few times a second how far it is; nil: nobody is
}

// Send carries out the nth operation of all, which is one of those that have weights. It says what the answer was, where that is neither ok
// nor a refusal.
type Send func(ctx context.Context, client, operation int, n int64, r *rand.Rand) (outcome harness.Outcome, answer string)

// Result is what came of a load.
type Result struct {
	Elapsed    time.Duration
	Operations []Answers       // by operation
	Latency    stats.Histogram // from when they were due
	Busy       time.Duration   // that requests took, summed over clients
	Late       int64           // operations that were due before the end, and for which no client was free
}

// Answers are those to one operation.
type Answers struct {
	Outcomes [harness.Outcomes]int64
	Error    string // one that is neither ok nor a refusal
}

// Total is how many operations were answered.
func (r *Result) Total() (n int64) {
	for _, a := range r.Operations {
		for _, o := range a.Outcomes {
			n += o
		}
	}
	return n
}

// clients share what is due.
type clients struct {
	cfg  Config
	send Send
	from time.Time

	mu   sync.Mutex
	rand *rand.Rand
	due  time.Duration // when the next operation of an open loop is, after from
	n    int64

	answered atomic.Int64
}

// Run has clients send operations until the time is over or ctx ends, and waits for the answers to those that are under way.
func Run(ctx context.Context, cfg Config, send Send) *Result {
	c := &clients{cfg: cfg, send: send, from: time.Now(), rand: rand.New(rand.NewPCG(cfg.Seed, 1))}
	parts := make([]Result, cfg.Clients)
	var all sync.WaitGroup
	for i := range parts {
		parts[i].Operations = make([]Answers, len(cfg.Weights))
		all.Go(func() { c.client(ctx, i, &parts[i]) })
	}
	over := make(chan struct{})
	watched := make(chan struct{})
	go func() { defer close(watched); c.watch(over) }()
	all.Wait()
	close(over)
	<-watched
	whole := &Result{Elapsed: time.Since(c.from), Operations: make([]Answers, len(cfg.Weights))}
	for i := range parts {
		whole.add(&parts[i])
	}
	for cfg.Rate > 0 && ctx.Err() == nil && c.due < cfg.Duration {
		whole.Late++
		c.step()
	}
	return whole
}

// watch tells how far it is until it is over.
func (c *clients) watch(over <-chan struct{}) {
	if c.cfg.Progress == nil {
		return
	}
	tick := time.NewTicker(time.Second / 4) //nolint:mnd // eyes follow that
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			c.cfg.Progress(c.answered.Load(), time.Since(c.from))
		}
	}
}

func (r *Result) add(o *Result) {
	r.Latency.Merge(&o.Latency)
	r.Busy += o.Busy
	for i := range o.Operations {
		for k, n := range o.Operations[i].Outcomes {
			r.Operations[i].Outcomes[k] += n
		}
		if r.Operations[i].Error == "" {
			r.Operations[i].Error = o.Operations[i].Error
		}
	}
}

// client sends one operation after the other.
func (c *clients) client(ctx context.Context, number int, into *Result) {
	own := rand.New(rand.NewPCG(c.cfg.Seed, uint64(number)+2))
	for ctx.Err() == nil {
		n, due, ok := c.take()
		if !ok || harness.Sleep(ctx, time.Until(due)) != nil {
			return
		}
		op := c.draw(own)
		begun := time.Now()
		outcome, text := c.send(ctx, number, op, n, own)
		if ctx.Err() != nil { // it was interrupted, not answered
			return
		}
		if c.cfg.Rate == 0 {
			due = begun
		}
		c.answered.Add(1)
		into.Latency.Record(time.Since(due))
		into.Busy += time.Since(begun)
		into.Operations[op].Outcomes[outcome]++
		if into.Operations[op].Error == "" {
			into.Operations[op].Error = text
		}
	}
}

// take is the number of the next operation, and when it is due; ok: before the end.
func (c *clients) take() (n int64, due time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	after := time.Since(c.from)
	if c.cfg.Rate > 0 {
		after = c.due
	}
	if after >= c.cfg.Duration || time.Since(c.from) >= c.cfg.Duration {
		return 0, due, false
	}
	if c.cfg.Rate > 0 {
		c.step()
	}
	c.n++
	return c.n, c.from.Add(after), true
}

// step goes on to when the operation after the next one is due.
func (c *clients) step() {
	gap := float64(time.Second) / c.cfg.Rate
	if !c.cfg.Uniform {
		gap *= c.rand.ExpFloat64()
	}
	c.due += time.Duration(gap)
}

// draw is an operation, by weight.
func (c *clients) draw(r *rand.Rand) int {
	sum := 0
	for _, w := range c.cfg.Weights {
		sum += w
	}
	at := r.IntN(sum)
	for i, w := range c.cfg.Weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return 0
}
