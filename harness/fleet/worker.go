package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
)

// Maker makes rows of the specs that a coordinator sends, for so many clients. A row of its is attached to tables that are there, and closed
// once its clients are. mayConnect is store.OpenConfig's.
type Maker func(ctx context.Context, spec json.RawMessage, clients int, mayConnect func() error) (Attached, error)

// Attached is a row as a worker has it.
type Attached struct {
	Row      engine.Row
	Sessions func() []int64        // the server's numbers of its sessions; nil: nobody knows them
	Figures  func() []store.Figure // what was measured around the store; nil: nothing is
	Close    func() error
}

// WorkerOptions are those of Work.
type WorkerOptions struct {
	Version string                        // of lastseat: a coordinator of another one is refused
	Clock   func(since time.Time) int64   // what the worker's clock shows; nil: the time since then
	Say     func(format string, a ...any) // told what happens; nil: nobody is
}

// ErrCoordinatorLost is what Work's error matches where its coordinator fell silent: the load has stopped.
var ErrCoordinatorLost = errors.New("the coordinator fell silent, and this worker's load has stopped")

// worker is one process of a run.
type worker struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	opt     WorkerOptions
	make    Maker
	id      string
	started time.Time
	ctx     context.Context // of all it does
	late    lateness

	mu    sync.Mutex
	run   string // that it works for; empty: none yet
	name  string
	lost  time.Duration
	heard time.Time // when the coordinator was heard last
	job   *job
	over  chan error
	wake  chan struct{} // a beat is due now
}

// flushWithin bounds the wait for a server that is to say what a worker may not do.
const flushWithin = 10 * time.Second

// Work works for one run: it waits until a coordinator claims it, and returns when that says that the run is over, falls silent
// (ErrCoordinatorLost), or ctx ends.
func Work(ctx context.Context, conn *nats.Conn, maker Maker, opt WorkerOptions) error {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(mostPending))
	if err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &worker{
		conn: conn, js: js, opt: opt, make: maker, id: nuid.Next(), started: time.Now(), ctx: ctx, over: make(chan error, 1), wake: make(chan struct{}, 1),
	}
	orders, err := conn.Subscribe(ordersTo(w.id), w.obey)
	if err != nil {
		return fmt.Errorf("listen to NATS: %w", err)
	}
	roll, err := conn.Subscribe(rollCall, w.present)
	if err != nil {
		return errors.Join(fmt.Errorf("listen to NATS: %w", err), orders.Unsubscribe())
	}
	if err := errors.Join(conn.FlushTimeout(flushWithin), refused(conn)); err != nil {
		return errors.Join(err, orders.Unsubscribe(), roll.Unsubscribe())
	}
	var wg sync.WaitGroup
	wg.Go(func() { w.late.watch(ctx) })
	wg.Go(func() { w.beats(ctx) })
	select {
	case err = <-w.over:
	case <-ctx.Done():
		err = ctx.Err()
	}
	cancel()
	_ = roll.Unsubscribe()   // the connection is closed anyway
	_ = orders.Unsubscribe() // no order is carried out from here on
	w.mu.Lock()
	j := w.job
	w.mu.Unlock()
	if j != nil {
		err = errors.Join(err, j.end())
	}
	wg.Wait()
	return err
}

func (w *worker) say(format string, a ...any) {
	if w.opt.Say != nil {
		w.opt.Say(format, a...)
	}
}

// now is what the worker's clock shows.
func (w *worker) now() int64 {
	if w.opt.Clock != nil {
		return w.opt.Clock(w.started)
	}
	return int64(time.Since(w.started))
}

// present answers a roll call, unless another run has the worker.
func (w *worker) present(m *nats.Msg) {
	w.mu.Lock()
	free := w.run == ""
	w.mu.Unlock()
	if !free {
		return
	}
	host, _ := os.Hostname() // empty is no harm
	text, _ := json.Marshal(hello{ID: w.id, Host: host, PID: os.Getpid(), Version: w.opt.Version})
	_ = m.Respond(text) // there will be another roll call
}

// obey carries an order out, and answers. What takes time goes on afterwards, and beats say how far it is.
func (w *worker) obey(m *nats.Msg) {
	var o order
	a := answer{Now: w.now()}
	if err := json.Unmarshal(m.Data, &o); err != nil {
		a.Err = "it cannot be read: " + err.Error()
	} else if err := w.carryOut(&o); err != nil {
		a.Err = err.Error()
	}
	text, _ := json.Marshal(a)
	_ = m.Respond(text) // the order comes again
}

func (w *worker) carryOut(o *order) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case o.Kind == claim && w.run == "":
		w.run, w.name, w.lost = o.Run, o.Name, o.Lost
		w.say("worker %s of a run", w.name)
	case o.Run != w.run:
		return errors.New("it works for another run")
	}
	w.heard = time.Now()
	j := w.job
	switch o.Kind {
	case claim, probe:
		return nil
	case bye:
		w.finish(nil)
		return nil
	case open:
		if o.Row == nil || j != nil && j.number >= o.Job {
			return nil
		}
		if j != nil && !j.closed() {
			return errors.New("the job before is not over")
		}
		w.job = newJob(w, o)
		go w.job.open()
		return nil
	case work, halt, abort, shut:
		if j == nil || j.number != o.Job {
			return nil
		}
	}
	switch o.Kind {
	case work:
		j.work(o)
	case halt:
		j.halt(o.Round)
	case abort:
		j.cancel()
	case shut:
		go func() { _ = j.end() }()
	case claim, probe, bye, open:
	}
	return nil
}

// finish ends Work.
func (w *worker) finish(err error) {
	select {
	case w.over <- err:
	default:
	}
}

// silent is why the worker must not go on: it has not heard of its coordinator for too long.
func (w *worker) silent() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.run == "" || time.Since(w.heard) < w.lost {
		return nil
	}
	return fmt.Errorf("%w (nothing heard for %v)", ErrCoordinatorLost, w.lost)
}

// beats says how far the worker is, and watches over the coordinator.
func (w *worker) beats(ctx context.Context) {
	watch, tick := time.NewTicker(probeEvery), time.NewTicker(beatEvery)
	defer watch.Stop()
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-watch.C:
			if err := w.silent(); err != nil {
				w.stop()
				w.finish(err)
			}
			continue
		case <-tick.C:
		case <-w.wake:
		}
		w.beat()
	}
}

// stop ends the load at once.
func (w *worker) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.job != nil {
		w.job.cancel()
	}
}

func (w *worker) beat() {
	w.mu.Lock()
	run, j := w.run, w.job
	b := beat{Worker: w.id, Late: w.late.ninth()}
	w.mu.Unlock()
	if run == "" {
		return
	}
	if j != nil {
		j.beat(&b)
	}
	text, err := json.Marshal(b)
	if err != nil {
		w.finish(fmt.Errorf("say how far the worker is: %w", err))
		return
	}
	_ = w.conn.Publish(beatsOf(run), text) // the next one says it as well
}

// beatNow has the next beat come at once.
func (w *worker) beatNow() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
