package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Clients  Elsewhere        // makes those of the row; nil: they work in this process
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
	Workers    []Worker  // that its clients were in; nil: they were in this process
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
	r := &run{row: row, cfg: cfg}
	r.history = &harness.History{Label: row.Label, Seed: cfg.Seed, Counts: cfg.Counts, Spool: newSpool(&cfg)}
	r.atMost = r.recordedAtMost()
	if r.clients, err = r.makeClients(); err != nil {
		return nil, err
	}
	r.striker = striker{nemesis: row.Nemesis, seed: cfg.Seed, turn: turnOf(cfg.Concurrency, cfg.Rate), read: r.clients.Read, now: r.now}
	guard("the row", func() { rep, err = r.run(ctx) }, func(panicked error) {
		rep, err = r.report(), fmt.Errorf("%s: %w", row.Label, panicked)
		guard("the row", func() { err = errors.Join(err, r.clients.Close()) }, func(error) {}) // the first panic says it
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
	// Operations under way when ctx ends are finished, not torn, if that does not take long.
	work, cancel := outlast(ctx, interruptGrace)
	defer cancel()
	last, cancelLast := outlast(ctx, interruptGrace+lastLook)
	defer cancelLast()
	if err := row.Target.Setup(ctx, start.Clone()); err != nil {
		return nil, fmt.Errorf("set up %s: %w", row.Label, err)
	}
	r.begun = time.Now()
	if err := r.clients.Open(ctx, r.begun); err != nil {
		return nil, errors.Join(err, r.clients.Close())
	}
	runErr := r.rounds(ctx, work)
	closeErr := r.clients.Close()
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
	judging := ctx
	if ctx.Err() != nil {
		judging = last // it was interrupted while clients worked: what they did is judged, if that does not take long
	}
	rep.Judgement = r.judge(judging)
	rep.Generator.calibrate(last, rep)
	if cfg.Checkpoint != nil {
		if err := cfg.Checkpoint(rep.History); err != nil {
			return rep, err
		}
	}
	return rep, errors.Join(ctx.Err(), r.panicked(rep), closeErr)
}

// makeClients makes the row's clients: here, unless the row says otherwise.
func (r *run) makeClients() (Clients, error) {
	if r.row.Clients == nil {
		return newShare(&r.row, &r.cfg, r.history.Spool, 0, r.cfg.Concurrency), nil
	}
	return r.row.Clients(r.cfg, r.history.Spool)
}

// panicked is the first panic of an operation that the row went on after. Where any did, nothing is safe.
func (r *run) panicked(rep *Report) error {
	t := r.clients.Tally()
	if t.Panicked == nil {
		return nil
	}
	var first *PanicError
	if errors.As(t.Panicked, &first) && rep.Verdict == harness.Safe {
		rep.Verdict = harness.Inconclusive
		rep.Reason = fmt.Sprintf("operations panicked: %d; the first at %s", t.Panics, first.At)
	}
	return fmt.Errorf("%s: operations panicked: %d; the first: %w", r.row.Label, t.Panics, t.Panicked)
}

// errStillAtWork: what the store holds is not read while operations may be changing it.
var errStillAtWork = fmt.Errorf("operations did not end within %v of the interrupt", interruptGrace)

// run is a row under way.
type run struct {
	row     Row
	cfg     Config
	clients Clients
	history *harness.History
	striker striker

	begun    time.Time
	atMost   int64           // operations that may be recorded; 0: no bound
	full     bool            // as many operations are recorded as may be
	over     context.Context // of the round: ends with it
	elapsed  time.Duration
	clocked  []Round
	lockWait lockWaitMean
	timeline timeline
	broke    atomic.Int64 // violations that were found between rounds

	mu      sync.Mutex // of failure
	failure error      // the first that ends the row and is no client's; see fail
}

func (r *run) now() int64 { return int64(time.Since(r.begun)) }

// fail ends the round, and the row with err. The first error counts.
func (r *run) fail(err error) {
	r.mu.Lock()
	if r.failure == nil {
		r.failure = fmt.Errorf("%s: %w", r.row.Label, err)
	}
	r.mu.Unlock()
	r.clients.Halt()
}

// broken is why the row ends early, where the server is gone or something panicked.
func (r *run) broken() error { return cmp.Or(r.failure, r.clients.Tally().Err) }

// ErrNothingWorked is what Run's error matches when every single operation failed, none of them by a conflict.
var ErrNothingWorked = errors.New("no operation succeeded")

// worked says what went wrong if nothing worked.
func (r *run) worked() error {
	t := r.clients.Tally()
	if t.Processed() > t.Outcomes[harness.Failed] || t.AllConflicts() > 0 || t.Failure == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: %w", r.row.Label, ErrNothingWorked, t.Failure)
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

// collect gathers the clients' logs, and what was broken here and there.
func (r *run) collect() {
	r.history.Faults = r.striker.made(0)
	r.clients.Recorded(r.history)
	slices.SortStableFunc(r.history.Faults, func(a, b harness.Fault) int { return cmp.Compare(a.From, b.From) })
}

func (r *run) snapshot(ctx context.Context) error {
	r.collect()
	if slices.ContainsFunc(r.clients.Tally().Workers, func(w Worker) bool { return w.Lingers }) {
		return nil
	}
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
	t := r.clients.Tally()
	rep := &Report{Row: r.row, Elapsed: r.elapsed, Clients: t.Clients, History: r.history, Faults: r.history.Faults, Rounds: r.clocked, LockWait: r.lockWait.mean(), Full: r.full}
	rep.Accounting, rep.Failure, rep.Workers, rep.Figures = t.Accounting, t.Failure, t.Workers, t.Figures
	rep.Generator.CPU = t.CPU
	rep.End, rep.Timeline = r.lasted(), r.timeline.sum()
	rep.Verdict = harness.Inconclusive
	return rep
}
