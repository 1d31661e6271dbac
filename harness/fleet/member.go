package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// member is a worker as the coordinator has it.
type member struct {
	fleet *Fleet
	id    string
	host  string
	pid   int
	name  string // w1

	// Under fleet.mu:
	heard  time.Time // of it
	still  time.Time // since when it is made to stand still, and its silence says nothing; zero: it is not
	lost   string    // how it fell silent; empty: it did not
	lostAt time.Time
	beat   beat  // the last of its job
	part   *part // of the job under way; nil: it has none
}

// order asks the worker for something.
func (m *member) order(ctx context.Context, o order, within time.Duration) (*answer, error) {
	o.Run = m.fleet.run
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("worker %s: write an order: %w", m.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	got, err := m.fleet.conn.RequestWithContext(ctx, ordersTo(m.id), text)
	if err != nil {
		return nil, fmt.Errorf("worker %s on %s does not answer: %w", m.name, m.host, err)
	}
	var a answer
	if err := json.Unmarshal(got.Data, &a); err != nil {
		return nil, fmt.Errorf("worker %s on %s: read its answer: %w", m.name, m.host, err)
	}
	if a.Err != "" {
		return nil, fmt.Errorf("worker %s on %s: %w", m.name, m.host, errors.New(a.Err))
	}
	return &a, nil
}

// insist repeats an order until it is answered, or the worker is lost.
func (m *member) insist(ctx context.Context, o order) {
	for ctx.Err() == nil && m.gone() == "" {
		if _, err := m.order(ctx, o, time.Second); err == nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(probeEvery):
		}
	}
}

// gone is when and how the worker fell silent; empty: it did not.
func (m *member) gone() string {
	m.fleet.mu.Lock()
	defer m.fleet.mu.Unlock()
	return m.lost
}

// watch asks the worker for its clock again and again, and finds out when it falls silent.
func (m *member) watch(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m.probe(ctx)
		if ctx.Err() == nil && m.overdue() {
			return
		}
	}
}

// probe makes one round trip, after which what was recorded before it has its place in time.
func (m *member) probe(ctx context.Context) {
	m.fleet.mu.Lock()
	p, before := m.part, 0
	if p != nil {
		before = len(p.arrived)
	}
	m.fleet.mu.Unlock()
	sent := m.fleet.now()
	a, err := m.order(ctx, order{Kind: probe}, time.Second)
	received := m.fleet.now()
	if err != nil {
		return
	}
	m.fleet.mu.Lock()
	defer m.fleet.mu.Unlock()
	if m.heard = time.Now(); p != nil && m.part == p && m.lost == "" {
		p.probed(sent, a.Now, received, before)
	}
	m.fleet.changed.Broadcast()
}

// overdue takes a worker for lost that is silent for too long.
func (m *member) overdue() bool {
	f := m.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.lost != "" || !m.still.IsZero() || time.Since(m.heard) < f.opt.Lost {
		return m.lost != ""
	}
	m.lose(fmt.Sprintf("fell silent (nothing heard for %v)", f.opt.Lost))
	return true
}

// Still says of the worker with a process id, of this machine, that it is made to stand still, or goes on.
func (f *Fleet) Still(pid int, still bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		switch {
		case m.pid != pid:
		case still:
			m.still = time.Now()
		case !m.still.IsZero():
			m.heard, m.still = m.heard.Add(time.Since(m.still)), time.Time{} // its silence before counts on
		}
	}
}

// lose takes the worker for lost; fleet.mu is held.
func (m *member) lose(how string) {
	if m.lost != "" {
		return
	}
	m.lost, m.lostAt = how, time.Now()
	if m.part != nil {
		m.part.abandon()
	}
	m.fleet.opt.Say("worker %s on %s %s: the run goes on without it", m.name, m.host, how)
	m.fleet.changed.Broadcast()
}

// heard takes in a beat.
func (f *Fleet) heard(msg *nats.Msg) {
	var b beat
	if json.Unmarshal(msg.Data, &b) != nil {
		return // the next one may be whole
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		if m.id == b.Worker && m.lost == "" {
			m.heard, m.beat = time.Now(), b
			if p := m.part; p != nil && b.Job == p.clients.job && b.Tally != nil {
				p.tally = b.Tally
			}
		}
	}
	f.changed.Broadcast()
}

// take takes in a chunk. What a lost worker sends is too late.
func (f *Fleet) take(msg jetstream.Msg) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		if msg.Subject() == chunksOf(f.run, m.id) && m.part != nil && m.lost == "" {
			m.part.arrived = append(m.part.arrived, msg.Data())
		}
	}
}
