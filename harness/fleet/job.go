package fleet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness/engine"
)

// job is a worker's part of a row.
type job struct {
	w      *worker
	number uint64
	order  *Job
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // of what is under way
	once   sync.Once

	mu       sync.Mutex
	attached Attached
	share    *engine.Share // nil: its clients are not ready
	ship     *shipper
	round    int // under way, or the last one
	halted   bool
	ended    int // the last round that is over, all of its records sent
	tally    *tally
	sessions []int64
	cpu      float64
	err      error
	over     bool
}

func newJob(w *worker, o *order) *job {
	j := &job{w: w, number: o.Job, order: o.Row}
	j.ctx, j.cancel = context.WithCancel(w.ctx)
	j.wg.Add(1) // open
	return j
}

// open makes the row, and opens its clients.
func (j *job) open() {
	defer j.wg.Done()
	a, err := j.w.make(j.ctx, j.order.Spec, j.order.To-j.order.From, j.w.silent)
	var share *engine.Share
	if err == nil {
		share = engine.NewShare(a.Row, j.order.Config, j.order.From, j.order.To)
		if j.w.opt.Clock != nil {
			share.Clock = j.w.now
		}
		err = share.Open(j.ctx, j.w.started)
	}
	j.mu.Lock()
	j.attached, j.err = a, err
	if err == nil {
		j.share, j.ship = share, newShipper(j.w, j.number, share, j.order.Config.Counts)
	}
	j.mu.Unlock()
	j.w.beatNow()
}

// work lets the clients work for a round.
func (j *job) work(o *order) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.share == nil || o.Round <= j.round || j.over {
		return
	}
	j.round, j.halted = o.Round, false
	j.share.Begin(engine.Work{For: o.For, WarmUp: o.WarmUp})
	j.wg.Add(1)
	go j.works(o, j.share, j.ship)
}

// works is a round from its beginning to the moment when all that it recorded is sent.
func (j *job) works(o *order, share *engine.Share, ship *shipper) {
	defer j.wg.Done()
	wait := time.Duration(o.At - j.w.now())
	if wait = min(wait, time.Second); wait > 0 && o.At != 0 {
		time.Sleep(wait)
	}
	bell := time.AfterFunc(o.For, share.Halt)
	defer bell.Stop()
	stop := context.AfterFunc(j.ctx, share.Halt)
	defer stop()
	working, rest := context.WithCancel(j.ctx)
	var shipping sync.WaitGroup
	shipping.Go(func() { ship.ships(working, j.ctx, share.Halt) })
	share.Work(j.ctx)
	rest()
	shipping.Wait()
	err := ship.flush(j.ctx)
	t := share.Tally()
	if j.attached.Figures != nil {
		t.Figures = j.attached.Figures()
	}
	j.mu.Lock()
	j.tally, j.err = tallyOf(t), err
	j.cpu = t.CPU * float64(runtime.NumCPU()) / float64(runtime.GOMAXPROCS(0))
	if j.attached.Sessions != nil {
		j.sessions = j.attached.Sessions()
	}
	if err == nil {
		j.ended = o.Round
	}
	j.mu.Unlock()
	j.w.beatNow()
}

// halt ends the round.
func (j *job) halt(round int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.share != nil && round == j.round && !j.halted {
		j.halted = true
		j.share.Halt()
	}
}

// beat says how far the job is.
func (j *job) beat(b *beat) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b.Job, b.Opened, b.Round = j.number, j.share != nil, j.ended
	if j.err != nil {
		b.Err = j.err.Error()
	}
	if j.share == nil {
		return
	}
	b.Reading, b.CPU = j.share.Read(), j.cpu
	b.Chunks, b.Stalled = j.ship.state()
	if j.ended == j.round {
		b.Tally, b.Session = j.tally, j.sessions
	}
}

func (j *job) closed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.over
}

// end gives up what is under way, and closes the clients.
func (j *job) end() (err error) {
	j.once.Do(func() {
		j.cancel()
		j.wg.Wait()
		if j.share != nil {
			err = errors.Join(j.share.Close(), j.share.Spool().Close())
		}
		if j.attached.Close != nil {
			err = errors.Join(err, j.attached.Close())
		}
		if err != nil {
			err = fmt.Errorf("end a row: %w", err)
		}
		j.mu.Lock()
		j.over = true
		j.mu.Unlock()
	})
	return err
}
