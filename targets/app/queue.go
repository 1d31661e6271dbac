package app

import (
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
)

// event is what happens to a client: exactly one of the fields is set.
type event struct {
	client   int
	arrived  *held
	answered *proxy.Batch
	reply    *reply
	passed   *passed
}

// held is a batch that waits to be let go.
type held struct {
	batch *proxy.Batch
	statement.Statement
	release chan struct{}

	full    explore.Step // all that the statement does
	divided bool         // it is to stop at its gate
	stands  bool         // it stands there
	actor   int          // that lets it go on then
}

// passed is a batch that was not held.
type passed struct {
	batch *proxy.Batch
	statement.Statement
	late bool // no request was under way
}

// queue is what has happened, until somebody looks.
type queue struct {
	mu   sync.Mutex
	all  []event
	wake chan struct{} // holds one if all is not empty
}

func (q *queue) put(e event) {
	q.mu.Lock()
	q.all = append(q.all, e)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take is all that has happened; where nothing has, it waits for something for so long.
func (q *queue) take(wait time.Duration) []event {
	all := q.now()
	if len(all) > 0 || wait <= 0 {
		return all
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	for {
		select {
		case <-q.wake:
			if all := q.now(); len(all) > 0 {
				return all
			}
		case <-t.C:
			return q.now()
		}
	}
}

func (q *queue) now() []event {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.all
	q.all = nil
	return all
}

// Arrived implements proxy.Watcher.
func (in *instance) Arrived(b *proxy.Batch) <-chan struct{} {
	return in.arrived(b, in.holding.Load(), in.asking.Load() > 0)
}

// arrived takes in a batch that came while statements were held, or not, and while a request was under way, or none.
func (in *instance) arrived(b *proxy.Batch, holding, asking bool) <-chan struct{} {
	l := in.lane
	reader := l.reader.Load()
	if l.meter.Load() != nil {
		if s := l.striker.Load(); s != nil {
			return s.arrived(b, in)
		}
		return nil
	}
	if reader == nil {
		return nil
	}
	s := reader.Read(b.Requests, b.Inside)
	if s.Passes || !holding {
		late := !asking && !s.Passes
		if late {
			in.late.Add(1)
		}
		l.events.put(event{client: in.client, passed: &passed{b, s, late}})
		return nil
	}
	h := &held{batch: b, Statement: s, release: make(chan struct{})}
	l.events.put(event{client: in.client, arrived: h})
	return h.release
}

// Answered implements proxy.Watcher.
func (in *instance) Answered(b *proxy.Batch) {
	if m := in.lane.meter.Load(); m != nil {
		m.Answered(b)
		if s := in.lane.striker.Load(); s != nil {
			s.answered(b, in)
		}
		return
	}
	if in.holding.Load() {
		in.lane.events.put(event{client: in.client, answered: b})
	}
}
