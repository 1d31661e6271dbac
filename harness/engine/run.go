package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
)

// Row is one line of the table: a workload on a target, and what is expected of it.
type Row struct {
	Label    harness.Label
	Workload harness.Workload
	Target   harness.Target
	Promise  *promise.Promise // nil: nothing is promised, the evidence alone decides
	Control  *Control         // the positive control; nil: there is none
	Traits   store.Traits     // of the row's fault
	Nemesis  store.Nemesis    // what breaks things meanwhile; nil: nothing does
}

// Report is a row that was run.
type Report struct {
	Row
	Judgement
	Accounting Accounting
	Elapsed    time.Duration // clients were running; pauses between rounds not counted
	Full       bool          // the row ended because it had recorded as many operations as may be kept
	LockWait   float64       // mean number of clients that waited for a lock, as sampled from the server
	Clients    int
	Generator  Generator // what lastseat itself took of that
	Failure    error     // the first that made an operation fail and no conflict explains; nil: there was none
	Figures    []store.Figure
	Faults     []harness.Fault // that were made, as the history lists them
	End        int64           // when the last operation was answered, or the last fault was mended, on the faults' clock
	Timeline   []Point         // what was done over time, warm-up included
	Rounds     []Round         // while clients ran, on the clock of faults; what lies between is lastseat's own
	History    *harness.History
}

// Round is a time during which clients ran, in nanoseconds since the row began.
type Round struct {
	From, To int64
	WarmUp   bool // it counts for no figure
}

// Goodput is acknowledged (ok) operations per second.
func (r *Report) Goodput() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Accounting.Outcomes[harness.OK]) / r.Elapsed.Seconds()
}

// Waiting is the share of the clients' time spent waiting for locks or backing off, 0 to 1.
func (r *Report) Waiting() float64 {
	all := float64(r.Elapsed) * float64(r.Clients)
	if all <= 0 {
		return 0
	}
	waited := float64(r.Accounting.Waited+r.Accounting.Backoff) + r.LockWait*float64(r.Elapsed)
	return min(waited/all, 1)
}

// Run fires the row's workload at its target, and judges what happened. It runs in rounds: between two rounds the clients
// pause, and if what they did so far decides the verdict, the row ends. When ctx ends, the row ends with what it has: the
// report then comes together with ctx's error. Other errors are of set-up, or of a server that went away; a report beside
// them holds what was counted until then. An invariant that broke is no error: that is Report.Verdict. A panic of the target, the
// workload or a check is a *PanicError, and so is that of an operation of a Code, with which the row goes on. Run does not close the target. A history that
// outgrew Config.SpoolAfter lies in a file until Report.History.Spool is closed, or the process ends.
func Run(ctx context.Context, row Row, cfg Config) (rep *Report, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &run{row: row, cfg: cfg, timeout: cfg.Timeout, names: map[string]uint8{}}
	r.history = &harness.History{Label: row.Label, Seed: cfg.Seed, Counts: cfg.Counts, Spool: newSpool(&row, &cfg)}
	r.atMost = r.recordedAtMost()
	guard("the row", func() { rep, err = r.run(ctx) }, func(panicked error) {
		rep, err = r.report(), fmt.Errorf("%s: %w", row.Label, panicked)
		guard("the row", func() { err = errors.Join(err, r.close()) }, func(error) {}) // the first panic says it
	})
	return rep, err
}

// run is the row from its set-up to its verdict.
func (r *run) run(ctx context.Context) (*Report, error) {
	row, cfg := &r.row, &r.cfg
	start := row.Workload.Init()
	r.history.Start = start
	if row.Promise != nil {
		r.history.Model = row.Promise.Model
	}
	if t, ok := row.Target.(store.Journalless); ok && t.Journalless() {
		r.history.Start.Journal = ""
	}
	r.left.Store(cfg.Ops)
	if cfg.Rate > 0 {
		r.schedule = newSchedule(cfg)
	}
	if p, ok := row.Target.(store.InProcess); ok && p.InProcess() {
		r.timeout = 0
	}
	r.queue = newQueue(row.Target, cfg.Concurrency)
	// Operations under way when ctx ends are finished, not torn, if that does not take long.
	work, cancel := outlast(ctx, interruptGrace)
	defer cancel()
	last, cancelLast := outlast(ctx, interruptGrace+lastLook)
	defer cancelLast()
	if err := row.Target.Setup(ctx, start.Clone()); err != nil {
		return nil, fmt.Errorf("set up %s: %w", row.Label, err)
	}
	if err := r.open(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	runErr := r.rounds(ctx, work)
	closeErr := r.close()
	if runErr != nil && !errors.Is(runErr, ctx.Err()) {
		return r.report(), errors.Join(runErr, closeErr)
	}
	if err := r.worked(); err != nil && ctx.Err() == nil {
		return r.report(), errors.Join(err, closeErr)
	}
	if work.Err() != nil {
		return r.report(), errors.Join(fmt.Errorf("%s: %w: %w", row.Label, errStillAtWork, ctx.Err()), closeErr)
	}
	if err := r.snapshot(last); err != nil {
		return r.report(), errors.Join(fmt.Errorf("read the final state of %s: %w", row.Label, err), ctx.Err())
	}
	rep := r.report()
	rep.Judgement = r.judge(last)
	rep.Generator.calibrate(last, rep)
	if cfg.Checkpoint != nil {
		if err := cfg.Checkpoint(rep.History); err != nil {
			return rep, err
		}
	}
	return rep, errors.Join(ctx.Err(), r.panicked(rep), closeErr)
}

// panicked is the first panic of an operation that the row went on after. Where any did, nothing is safe.
func (r *run) panicked(rep *Report) error {
	var first *PanicError
	n := 0
	for _, c := range r.clients {
		n += c.panics
		if first == nil {
			first = c.panicked
		}
	}
	if first == nil {
		return nil
	}
	if rep.Verdict == harness.Safe {
		rep.Verdict = harness.Inconclusive
		rep.Reason = fmt.Sprintf("operations panicked: %d; the first at %s", n, first.At)
	}
	return fmt.Errorf("%s: operations panicked: %d; the first: %w", r.row.Label, n, first)
}

// errStillAtWork: what the store holds is not read while operations may be changing it.
var errStillAtWork = fmt.Errorf("operations did not end within %v of the interrupt", interruptGrace)

// run is a row under way.
type run struct {
	row     Row
	cfg     Config
	timeout time.Duration
	queue   queue // nil: no client has to wait for a connection
	clients []*client
	history *harness.History

	begun    time.Time
	schedule *schedule // open loop; nil: closed
	barrier  *barrier  // burst: of the round under way
	stop     atomic.Bool
	atMost   int64           // operations that may be recorded; 0: no bound
	full     bool            // as many operations are recorded as may be
	over     context.Context // of the round: ends with it
	end      context.CancelFunc
	failure  error        // the first that ends the row and is no client's; see fail
	left     atomic.Int64 // operations not yet claimed, where cfg.Ops bounds them
	elapsed  time.Duration
	clocked  []Round
	lockWait lockWaitMean
	timeline timeline
	broke    atomic.Int64 // violations that were found between rounds
	cpu      cpuMeter

	mu    sync.Mutex // of names, failure and history.Names
	names map[string]uint8
}

func (r *run) now() int64 { return int64(time.Since(r.begun)) }

func (r *run) nameIndex(name string) uint8 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i, ok := r.names[name]; ok {
		return i
	}
	i := uint8(len(r.history.Names))
	r.names[name] = i
	r.history.Names = append(r.history.Names, name)
	return i
}

// open opens a session a client.
func (r *run) open(ctx context.Context) error {
	r.begun = time.Now()
	for id := range r.cfg.Concurrency {
		src := rand.New(rand.NewPCG(r.cfg.Seed, uint64(id)))
		c := &client{
			run: r, process: int32(id), names: map[string]uint8{},
			ops:  r.row.Workload.Client(id, src),
			rand: rand.New(rand.NewPCG(r.cfg.Seed, uint64(id)|1<<32)),
			log:  &harness.Log{Process: int32(id), Spool: r.history.Spool},
		}
		c.logs = []*harness.Log{c.log}
		var err error
		if c.session, err = r.row.Target.Session(ctx, harness.SessionOptions{Client: id, Spool: r.history.Spool}); err != nil {
			return fmt.Errorf("open client %d of %s: %w", id, r.row.Label, err)
		}
		r.clients = append(r.clients, c)
	}
	return nil
}

// close closes the sessions that are open.
func (r *run) close() error {
	var errs []error
	for _, c := range r.clients {
		if s := c.session; s != nil {
			c.session = nil
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// fail ends the round, and the row with err. The first error counts.
func (r *run) fail(err error) {
	r.mu.Lock()
	if r.failure == nil {
		r.failure = fmt.Errorf("%s: %w", r.row.Label, err)
	}
	r.mu.Unlock()
	r.halt()
}

// broken is why the row ends early, where the server is gone or something panicked.
func (r *run) broken() error {
	if r.failure != nil {
		return r.failure
	}
	for _, c := range r.clients {
		if c.gone != nil {
			return fmt.Errorf("%s: %w", r.row.Label, c.gone)
		}
	}
	return nil
}

// ErrNothingWorked is what Run's error matches when every single operation failed, none of them by a conflict.
var ErrNothingWorked = errors.New("no operation succeeded")

// worked says what went wrong if nothing worked.
func (r *run) worked() error {
	var first error
	for _, c := range r.clients {
		a := &c.acct
		if a.Processed() > a.Outcomes[harness.Failed] || a.AllConflicts() > 0 {
			return nil
		}
		if first == nil {
			first = c.failure
		}
	}
	if first == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: %w", r.row.Label, ErrNothingWorked, first)
}

// pause hands the history so far to the checkpoint.
func (r *run) pause() error {
	if r.cfg.Checkpoint == nil {
		return nil
	}
	r.collect()
	if err := r.cfg.Checkpoint(r.history); err != nil {
		return fmt.Errorf("write the history of %s: %w", r.row.Label, err)
	}
	return nil
}

// collect gathers the clients' logs.
func (r *run) collect() {
	r.history.Logs = r.history.Logs[:0]
	for _, c := range r.clients {
		r.history.Logs = append(r.history.Logs, c.logs...)
	}
	slices.SortFunc(r.history.Logs, func(a, b *harness.Log) int { return int(a.Process - b.Process) })
}

func (r *run) snapshot(ctx context.Context) error {
	r.collect()
	var final harness.State
	var err error
	if full := spool.Catch(func() { final, err = r.row.Target.Snapshot(ctx) }); full != nil || err != nil {
		return cmp.Or(full, err)
	}
	r.history.Final = final
	return nil
}

// decided reports whether what happened so far settles the verdict. A safe row runs for half its budget at least, so that
// its figures mean something.
func (r *run) decided(ctx context.Context) bool {
	if r.cfg.fixed() {
		return false
	}
	promised := r.row.Promise == nil || r.row.Promise.Safe
	if promised && r.elapsed < r.cfg.Budget/2-r.cfg.Budget/100 {
		return false
	}
	r.collect()
	if err := r.snapshot(ctx); err != nil {
		return false // the final snapshot will say why
	}
	j := r.judge(ctx)
	r.broke.Store(j.Violations())
	return j.Verdict != harness.Inconclusive
}

func (r *run) report() *Report {
	r.collect()
	rep := &Report{Row: r.row, Elapsed: r.elapsed, Clients: len(r.clients), History: r.history, Faults: r.history.Faults, Rounds: r.clocked, LockWait: r.lockWait.mean(), Full: r.full}
	rep.Generator.CPU = r.cpu.share()
	rep.End, rep.Timeline = r.lasted(), r.timeline.sum()
	for _, c := range r.clients {
		rep.Accounting.merge(&c.acct)
		if rep.Failure == nil {
			rep.Failure = c.failure
		}
	}
	if r.schedule != nil {
		rep.Accounting.Dropped = r.schedule.dropped(r.clients)
	}
	rep.Verdict = harness.Inconclusive
	return rep
}
