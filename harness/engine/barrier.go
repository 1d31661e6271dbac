package engine

import "sync"

// barrier lets all clients begin an operation at the same moment, wave after wave.
type barrier struct {
	mu      sync.Mutex
	clients int // still taking part
	here    int // waiting for the others
	over    bool
	gate    chan struct{}
}

func newBarrier(clients int) *barrier { return &barrier{clients: clients, gate: make(chan struct{})} }

// wait blocks until all clients are here. stop is asked once a wave, so that all clients go or none: false is none.
func (b *barrier) wait(stop func() bool) bool {
	b.mu.Lock()
	b.here++
	gate := b.gate
	if b.here == b.clients {
		b.open(stop())
	}
	b.mu.Unlock()
	<-gate
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.over
}

// leave takes a client out that has nothing more to do in this round.
func (b *barrier) leave(stop func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clients--; b.clients > 0 && b.here == b.clients {
		b.open(stop())
	}
}

func (b *barrier) open(over bool) {
	b.here, b.over = 0, over
	close(b.gate)
	b.gate = make(chan struct{})
}
