package app

import (
	"context"
	"sync"
	"time"

	"github.com/lastseat/lastseat/targets/app/database"
)

// Bare makes all clients' requests at once, with nothing held.
func (l *Lane) Bare(ctx context.Context) {
	l.store.Touched()
	var all sync.WaitGroup
	for i, op := range l.ops {
		all.Go(func() { l.copies[i].call(ctx, &op.Request, op) })
	}
	all.Wait()
}

// Late has whoever got a lock that it waited for go on only so much later, as on a busy server: until then it waits, and stands at no gate.
func (p *Program) Late(by time.Duration) {
	for _, l := range p.lanes {
		l.store.Database = &late{Database: l.store.Database, by: by, waited: map[uint64]time.Time{}}
	}
}

type late struct {
	database.Database
	by     time.Duration
	waited map[uint64]time.Time // when a session was seen to wait last, but at a gate
}

func (l *late) wakes(session uint64) bool { return time.Since(l.waited[session]) < l.by }

func (l *late) Waiting(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	waiting, err := l.Database.Waiting(ctx, sessions)
	if err != nil {
		return nil, err
	}
	at, err := l.Database.AtGate(ctx, sessions)
	for _, s := range sessions {
		if waiting[s] && !at[s] {
			l.waited[s] = time.Now()
		}
		waiting[s] = waiting[s] || l.wakes(s)
	}
	return waiting, err
}

func (l *late) AtGate(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	at, err := l.Database.AtGate(ctx, sessions)
	for s := range at {
		if l.wakes(s) {
			delete(at, s)
		}
	}
	return at, err
}
