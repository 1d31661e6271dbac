package owncode

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/harness/store"
)

// maxSerial is how many clients there may be where all their serial orders are run: for one more it takes six times as many.
const maxSerial = 5

// lane plays schedules as package program has them: a program's operations are the clients' functions here.
type lane[DB any] struct {
	*explore.Crew
	x           *exploration[DB]
	names       []string // of operations: the clients
	rounds      int      // how often keys were to jump
	transcripts map[string]string
	noticed     program.Facts
	unseen      bool // a schedule was played, and its steps were not noted yet
	steps       []program.Step
}

// serially judges by what the clients could have had one after the other.
func (x *exploration[DB]) serially(ctx context.Context) error {
	if x.tables == nil {
		return fmt.Errorf("%w: Code.Check is nil, and the tables of %s cannot be read: say what must hold", ErrCode, x.report.Server.Product)
	}
	l := &lane[DB]{Crew: x.crew, x: x, names: x.code.Names, transcripts: map[string]string{}}
	now, err := x.tables.Read(ctx)
	if err != nil {
		return err
	}
	e := program.Explorer{
		Lanes: []program.Lane{l}, Operations: l.names, Clients: len(l.names), Only: [][]string{l.names}, Start: contents(now),
		Ignore: x.code.Ignore, Schedules: x.code.Budget, Seed: x.code.Seed, First: x.code.Stop, Full: x.code.Full, Until: x.until, LockTimeouts: x.code.LockTimeouts,
		LostSales: x.code.LostSales, StaleReads: x.code.StaleReads, Strict: func() bool { return x.history.wavered }, Progress: x.code.Progress,
	}
	var pair *program.Pair
	if order := x.order(); order != nil {
		pair, err = e.Replay(ctx, order)
	} else {
		var pairs []program.Pair
		pairs, err = e.Run(ctx, func(p *program.Pair) error { pair = p; return nil })
		if len(pairs) > 0 {
			pair = &pairs[0]
		}
	}
	if pair != nil {
		l.take(pair)
	}
	return x.wrong(err)
}

// wrong puts an error of package program into words of this one.
func (x *exploration[DB]) wrong(err error) error {
	var fails *program.AlwaysFailsError
	var idle *program.IdleError
	switch {
	case errors.As(err, &fails):
		return fmt.Errorf("%w: %s fails alone, after Code.Reset: it %s", ErrCode, fails.Operation, fails.Answer)
	case errors.As(err, &idle):
		return fmt.Errorf("%w: no client changes anything when it runs alone: does Code.Reset leave what they need? %s",
			ErrCode, strings.ReplaceAll(strings.Join(idle.Answers, "; "), " answered returns ", " returns "))
	case errors.Is(err, program.ErrSilent):
		return fmt.Errorf("%w: no client runs a statement on the DB that it is given", ErrCode)
	}
	return x.why(err)
}

// contents are tables as package serial has them.
func contents(now []store.Table) []serial.Table {
	all := make([]serial.Table, len(now))
	for i, t := range now {
		all[i] = serial.Table{Name: t.Name, Columns: t.Columns, Keys: t.Keys, Rows: t.Rows}
	}
	return all
}

// Cast implements program.Lane.
func (l *lane[DB]) Cast(names []string) {
	for i, name := range names {
		at := slices.Index(l.names, name)
		l.x.workers[i].run = l.x.code.Clients[at]
	}
	l.x.history = history{}
}

// SetTraits implements program.Lane. The crew knows them.
func (l *lane[DB]) SetTraits(explore.Traits) {}

// Restore implements program.Lane.
func (l *lane[DB]) Restore(ctx context.Context) error {
	if err := l.x.fault(); err != nil {
		return err
	}
	l.x.remember()
	return l.x.reset(ctx)
}

// Jump implements program.Lane. Code.Reset may have sequences begin anew: Serial lets them jump after it.
func (l *lane[DB]) Jump(ctx context.Context) error {
	l.rounds++
	return l.x.tables.Jump(ctx)
}

// Serial implements program.Lane.
func (l *lane[DB]) Serial(ctx context.Context, order []int) (*serial.Outcome, error) {
	if err := l.x.reset(ctx); err != nil {
		return nil, err
	}
	if l.rounds > 1 && len(l.names) <= 3 {
		if err := l.x.tables.Jump(ctx); err != nil {
			return nil, err
		}
	}
	l.note()
	for _, i := range order {
		w := l.x.workers[i]
		w.work(ctx, func(context.Context, harness.Action) error { return ctx.Err() })
		if err := errors.Join(l.x.fault(), ctx.Err()); err != nil {
			return nil, err
		}
		var panicked *PanicError
		if errors.As(w.told, &panicked) {
			return nil, fmt.Errorf("%w: %s, alone: %w\n%s", ErrCode, w.name, panicked, panicked.Stack)
		}
		l.noticed.Statements += len(w.statements())
	}
	return l.outcome(ctx, order)
}

// Outcome implements program.Lane.
func (l *lane[DB]) Outcome(ctx context.Context) (*serial.Outcome, error) {
	if err := l.x.fault(); err != nil {
		return nil, err
	}
	l.x.remember()
	all := make([]int, len(l.x.workers))
	for i, w := range l.x.workers {
		all[i] = i
		for _, s := range w.statements() {
			l.noticed.SkipLocked = l.noticed.SkipLocked || strings.Contains(strings.ToUpper(s.sql), "SKIP LOCKED")
		}
	}
	l.unseen = true
	return l.outcome(ctx, all)
}

func (l *lane[DB]) outcome(ctx context.Context, who []int) (*serial.Outcome, error) {
	now, err := l.x.tables.Read(ctx)
	if err != nil {
		return nil, err
	}
	o := &serial.Outcome{Tables: contents(now), Answers: make([]serial.Answer, len(l.x.workers))}
	for _, i := range who {
		if o.Answers[i], err = l.x.workers[i].answer(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Broken implements program.Lane.
func (l *lane[DB]) Broken(context.Context) (broken []string, err error) {
	for _, w := range l.x.workers {
		var panicked *PanicError
		if errors.As(w.told, &panicked) {
			broken = append(broken, fmt.Sprintf("%s: %v\n%s", w.name, panicked, panicked.Stack))
		}
	}
	return broken, nil
}

// Facts implements program.Lane.
func (l *lane[DB]) Facts() program.Facts {
	f := l.noticed
	l.noticed = program.Facts{}
	return f
}

// Steps implements program.Lane. It is asked for whenever a schedule is to be shown.
func (l *lane[DB]) Steps() []program.Step {
	l.note()
	return l.steps
}

// note keeps what was done in the schedule that was played last, before the clients do something else.
func (l *lane[DB]) note() {
	if !l.unseen {
		return
	}
	l.unseen, l.steps = false, nil
	turns := l.Turns()
	order := make([]int, len(turns))
	at := make([]int, len(l.x.workers))
	for k := range turns {
		i := turns[k].Client
		order[k] = turns[k].Actor()
		done := l.x.workers[i].statements()
		if at[i] >= len(done) {
			continue
		}
		s := done[at[i]]
		at[i]++
		touch := l.x.tables.Touch(s.sql, s.args, true)
		l.steps = append(l.steps, program.Step{
			Client: i, Begins: strings.Join(s.begins, "; "), SQL: s.sql, Answer: s.got, Error: s.err != nil, WaitsUntil: turns[k].BlockedUntil,
			Reads: touch.Reads, Writes: touch.Writes, Locks: touch.Locks, Commits: s.point == harness.AtCommit,
		})
	}
	l.transcripts[fmt.Sprint(order)] = l.x.transcript()
}

// take puts what came of the clients into the report.
func (l *lane[DB]) take(p *program.Pair) {
	r := &l.x.report
	r.Verdict, r.Why, r.Schedules, r.Breaking = p.Verdict, p.Why, p.Run, p.Breaking
	r.Exhaustive, r.Drawn, r.Unsteady = p.Exhaustive, p.Drawn, p.Unsteady
	r.LockTimeouts, r.Polled = p.LockTimeouts, p.Polled
	r.LostSales, r.Errors, r.StaleReads, r.SkipLocked = p.LostSales, p.Errors, p.StaleReads, p.SkipLocked
	r.Volatile, r.Notes = p.Volatile, p.Notes
	if r.Why == program.More {
		r.Why = "" // the report says how many were run
	}
	if p.Shortest != nil && (p.Breaking > 0 || l.x.order() != nil) {
		r.Shortest = l.failure(p.Shortest)
	}
	for _, e := range p.Others {
		r.Others = append(r.Others, l.failure(e))
	}
}

// failure is a schedule in words of this package.
func (l *lane[DB]) failure(e *program.Example) *Failure {
	f := &Failure{Kind: e.Kind, Preemptions: e.Preemptions, Transcript: l.transcripts[fmt.Sprint(e.Order)], Err: errors.New(sentences[e.Kind])}
	if len(e.Broken) > 0 {
		f.Err = errors.New(strings.Join(e.Broken, "\n"))
	}
	f.Schedule = scheduled(e.Order)
	var b strings.Builder
	told(&b, "After it", l.names, e.Answers, e.Tables)
	for _, s := range e.Serial {
		who := make([]string, len(s.Order))
		for i, c := range s.Order {
			who[i] = l.names[c]
		}
		told(&b, "After "+strings.Join(who, ", then "), l.names, s.Answers, s.Tables)
	}
	if e.Anomaly != "" {
		fmt.Fprintf(&b, "This is %s: %s.\nWhat mends it: %s.\n", e.Anomaly, e.Meaning, strings.Join(e.Mends, "; or "))
	}
	expired := slices.ContainsFunc(e.Order, func(i int) bool { return i >= explore.Expire })
	if expired {
		b.WriteString("A statement ran into its lock time-out. Where code goes on after that, what its transaction did before is kept: take back all of it.\n")
	}
	if len(e.Columns) > 0 && e.Anomaly == "" && !expired {
		fmt.Fprintf(&b, "Only %s differs. If that may be so: Ignore: []string{%q}.\n", strings.Join(e.Columns, " or "), e.Columns[0])
	}
	f.Beside = b.String()
	return f
}

// sentences are what a kind of schedule is.
var sentences = map[string]string{
	"violation":               "what the clients were told and what the tables hold is as no serial order gives",
	serial.LostSale.String():  "a client is refused that no serial order refuses (lost sale)",
	serial.Error.String():     "a client gets an error that no serial order gives",
	serial.StaleRead.String(): "only what a client that writes nothing was told is as no serial order gives (stale read)",
	"skip locked":             "it is as no serial order gives, because SKIP LOCKED asks for that",
	serial.Fits.String():      "it is as some serial order gives",
}

// maxRows is how many rows of a table are shown.
const maxRows = 6

// told writes what the clients were told and what the tables hold after something.
func told(b *strings.Builder, after string, names, answers []string, tables []program.Difference) {
	said := make([]string, len(answers))
	for i, a := range answers {
		said[i] = names[i] + " " + a
	}
	fmt.Fprintf(b, "%s: %s\n", after, strings.Join(said, "; "))
	if len(tables) == 0 {
		b.WriteString("    the tables hold what they held\n")
	}
	for _, t := range tables {
		var rows []string
		for _, r := range t.Rows[:min(len(t.Rows), maxRows)] {
			rows = append(rows, strings.ReplaceAll(strings.Join(r, ", "), "\x00NULL", "NULL"))
		}
		if more := len(t.Rows) - maxRows; more > 0 {
			rows = append(rows, fmt.Sprintf("… %d more", more))
		}
		if len(rows) == 0 {
			rows = []string{"nothing"}
		}
		fmt.Fprintf(b, "    %s: %s\n", t.Table, strings.Join(rows, " | "))
	}
}

// counted says how many schedules are what is not called unsafe.
func (r *Report) counted() string {
	var b strings.Builder
	counts := map[string]int{
		serial.LostSale.String(): r.LostSales, serial.Error.String(): r.Errors, serial.StaleRead.String(): r.StaleReads, "skip locked": r.SkipLocked,
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[kind]; n > 0 {
			fmt.Fprintf(&b, "\nIn %d of %d: %s.", n, r.Schedules, sentences[kind])
		}
	}
	for _, n := range r.Notes {
		b.WriteString("\n" + n)
	}
	return b.String()
}
