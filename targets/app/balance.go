package app

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
)

// balance hands requests of a load that goes on to the copies of the program in turn, but for those that are down: a load balancer would
// notice too.
type balance struct {
	lane    *Lane
	striker *striker // nil: no fault strikes, and whoever ends has ended

	mu   sync.Mutex
	down map[int]bool // copies, by client: they are being started anew
	all  bool         // the server is down
}

// next is the copy for a request; where none is up it waits.
func (b *balance) next(ctx context.Context, n int64) *instance {
	for {
		if in := b.up(ctx, n); in != nil {
			return in
		}
		if harness.Sleep(ctx, time.Millisecond) != nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.lane.copyOf(int(n))
		}
	}
}

// up is the nth copy, or the first behind it that is up; nil: none is.
func (b *balance) up(ctx context.Context, n int64) *instance {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.lane.copies {
		at := (int(n) + i) % len(b.lane.copies)
		in := b.lane.copies[at]
		if b.striker != nil && !b.down[at] && in.exited() { // it could not do without its connection
			b.down[at] = b.striker.beside(func() error { return b.renew(context.WithoutCancel(ctx), in) })
		}
		if !b.all && !b.down[at] {
			return in
		}
	}
	return nil
}

// once has a request's values drawn once, so that it is the same when it is repeated.
func once(draw func(text string) string) func(text string) string {
	drawn := map[string]string{}
	return func(text string) string {
		if _, known := drawn[text]; !known {
			drawn[text] = draw(text)
		}
		return drawn[text]
	}
}

// kill kills a copy of the program, or the server, and starts it again. ctx is that of the load.
func (b *balance) kill(ctx context.Context, kind program.FaultKind, in *instance) error {
	if kind == program.KillServer {
		b.server(true)
		defer b.server(false)
		return b.lane.killServer(ctx)
	}
	b.mu.Lock()
	busy := b.down[in.client] || b.lane.copies[in.client] != in
	b.down[in.client] = b.down[in.client] || !busy
	b.mu.Unlock()
	if busy { // it has ended by itself meanwhile, and somebody sees to it
		return nil
	}
	return b.renew(ctx, in)
}

// renew ends a copy that is down, and starts another in its place. One that does not start stays down.
func (b *balance) renew(ctx context.Context, in *instance) error {
	if err := in.end(); err != nil {
		return err
	}
	anew, err := b.lane.begin(ctx, in.client)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lane.copies[in.client], b.down[in.client] = anew, false
	return nil
}

// server says that the server is down, or up again.
func (b *balance) server(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = down
}

// again draws how far it is to the next strike of a kind. A kill waits until things have been well for a while.
func again(kind program.FaultKind) func(r *rand.Rand) (statements int, wait time.Duration) {
	const commits, statements, well = 40, 200, 800 * time.Millisecond
	const least = 400 * time.Millisecond // between two times of standing still
	return func(r *rand.Rand) (int, time.Duration) {
		switch kind {
		case program.KillProgram, program.KillServer:
			return r.IntN(statements), well + time.Duration(r.Int64N(int64(well)))
		case rounds.Partition, rounds.Pause:
			return r.IntN(commits), standsLoad + least
		case program.LostCommit, program.Repeat:
			return r.IntN(commits), 0
		}
		return r.IntN(statements), 0
	}
}
