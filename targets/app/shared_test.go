package app

import (
	"runtime"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// TestSharedWhileAnotherIsAnswered: a client's statement is held, and is no statement beside the requests, even where it comes at the very
// moment at which another client gets its answer.
func TestSharedWhileAnotherIsAnswered(t *testing.T) {
	l := &Lane{}
	l.events.wake = make(chan struct{}, 1)
	l.reader.Store(statement.NewReader(wire.Postgres(), &database.Catalog{}))
	one, two := newInstance(l, 0), newInstance(l, 1)
	l.copies = []*instance{one, two}
	s := &shared{lane: l}
	one.holding.Store(true)
	one.asking.Store(1)

	stop, stopped := make(chan struct{}), make(chan struct{})
	defer func() {
		close(stop)
		<-stopped
	}()
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			two.holding.Store(true)
			two.asking.Add(1)
			runtime.Gosched()
			two.asking.Add(-1)
			two.holding.Store(false)
			runtime.Gosched()
		}
	}()
	batch := &proxy.Batch{Requests: []*wire.Request{{Kind: wire.Query, SQL: "UPDATE stock SET left_over = 0"}}}
	for start := time.Now(); time.Since(start) < 200*time.Millisecond; {
		if s.Arrived(batch) == nil {
			t.Fatal("a statement was not held")
		}
		if late := one.late.Load() + two.late.Load(); late > 0 {
			t.Fatal("it was taken for one beside the requests")
		}
	}
}
