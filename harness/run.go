package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Row is one line of the table: a workload on a target, and what is expected of it.
type Row struct {
	Label    Label
	Workload Workload
	Target   Target
	Promise  *Promise // nil: nothing is promised, the evidence alone decides
	Control  *Control // the positive control; nil: there is none
	Traits   Traits   // of the row's fault
	Nemesis  Nemesis  // what breaks things meanwhile; nil: nothing does
}

// Report is a row that was run.
type Report struct {
	Row
	Judgement
	Accounting Accounting
	Elapsed    time.Duration // clients were running; pauses between rounds not counted
	LockWait   float64       // mean number of clients that waited for a lock, as sampled from the server
	Clients    int
	Generator  Generator // what lastseat itself took of that
	Failure    error     // the first that made an operation fail and no conflict explains; nil: there was none
	Figures    []Figure
	Faults     []Fault // that were made, as the history lists them
	End        int64   // when the last operation was answered, or the last fault was mended, on the faults' clock
	Timeline   []int64 // of a row with faults: ok operations in each of TimelineParts equal parts of it
	History    *History
}

// Goodput is acknowledged (ok) operations per second.
func (r *Report) Goodput() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Accounting.Outcomes[OK]) / r.Elapsed.Seconds()
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
// them holds what was counted until then. An invariant that broke is no error: that is Report.Verdict. Run does not close the
// target.
func Run(ctx context.Context, row Row, cfg Config) (*Report, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	start := row.Workload.Init()
	r := &run{row: row, cfg: cfg, timeout: cfg.Timeout, names: map[string]uint8{}}
	r.history = &History{Label: row.Label, Seed: cfg.Seed, Counts: cfg.Counts, Start: start}
	if row.Promise != nil {
		r.history.Model = row.Promise.Model
	}
	if t, ok := row.Target.(Journalless); ok && t.Journalless() {
		r.history.Start.Journal = ""
	}
	r.left.Store(cfg.Ops)
	if cfg.Rate > 0 {
		r.schedule = newSchedule(&cfg)
	}
	if p, ok := row.Target.(InProcess); ok && p.InProcess() {
		r.timeout = 0
	}
	// Operations under way when ctx ends are finished, not torn: each is bounded by the timeout.
	work := context.WithoutCancel(ctx)
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
	if err := r.snapshot(work); err != nil {
		return r.report(), fmt.Errorf("read the final state of %s: %w", row.Label, err)
	}
	rep := r.report()
	rep.Judgement = r.judge(work)
	if len(r.history.Faults) > 0 {
		rep.End, rep.Timeline = timeline(r.history)
	}
	rep.Generator.calibrate(work, rep)
	if cfg.Checkpoint != nil {
		if err := cfg.Checkpoint(rep.History); err != nil {
			return rep, err
		}
	}
	return rep, errors.Join(ctx.Err(), closeErr)
}

// run is a row under way.
type run struct {
	row     Row
	cfg     Config
	timeout time.Duration
	clients []*client
	history *History

	begun    time.Time
	schedule *schedule // open loop; nil: closed
	barrier  *barrier  // burst: of the round under way
	stop     atomic.Bool
	over     context.Context // of the round: ends with it
	end      context.CancelFunc
	faulty   error        // of the nemesis
	left     atomic.Int64 // operations not yet claimed, where cfg.Ops bounds them
	elapsed  time.Duration
	lockWait lockWaitMean
	cpu      cpuMeter

	namesMu sync.Mutex
	names   map[string]uint8
}

func (r *run) now() int64 { return int64(time.Since(r.begun)) }

func (r *run) nameIndex(name string) uint8 {
	r.namesMu.Lock()
	defer r.namesMu.Unlock()
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
		s, err := r.row.Target.Session(ctx, SessionOptions{Client: id})
		if err != nil {
			return fmt.Errorf("open client %d of %s: %w", id, r.row.Label, err)
		}
		src := rand.New(rand.NewPCG(r.cfg.Seed, uint64(id)))
		c := &client{
			run: r, session: s, process: int32(id), names: map[string]uint8{},
			ops:  r.row.Workload.Client(id, src),
			rand: rand.New(rand.NewPCG(r.cfg.Seed, uint64(id)|1<<32)),
			log:  &Log{Process: int32(id)},
		}
		c.logs = []*Log{c.log}
		r.clients = append(r.clients, c)
	}
	return nil
}

func (r *run) close() error {
	var errs []error
	for _, c := range r.clients {
		if err := c.session.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (r *run) goneError() error {
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
		if a.Processed() > a.Outcomes[Failed] || a.AllConflicts() > 0 {
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
	slices.SortFunc(r.history.Logs, func(a, b *Log) int { return int(a.Process - b.Process) })
}

func (r *run) snapshot(ctx context.Context) error {
	r.collect()
	final, err := r.row.Target.Snapshot(ctx)
	if err != nil {
		return err
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
	return r.judge(ctx).Verdict != Inconclusive
}

func (r *run) report() *Report {
	r.collect()
	rep := &Report{Row: r.row, Elapsed: r.elapsed, Clients: len(r.clients), History: r.history, Faults: r.history.Faults, LockWait: r.lockWait.mean()}
	rep.Generator.CPU = r.cpu.share()
	for _, c := range r.clients {
		rep.Accounting.merge(&c.acct)
		if rep.Failure == nil {
			rep.Failure = c.failure
		}
	}
	if r.schedule != nil {
		rep.Accounting.Dropped = r.schedule.dropped(r.clients)
	}
	rep.Verdict = Inconclusive
	return rep
}
