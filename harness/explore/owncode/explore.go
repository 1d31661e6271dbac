package owncode

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/store"
)

// exploration is a Code on its server.
type exploration[DB any] struct {
	code    Code[DB]
	store   Opened[DB] // for Setup, Reset and Check
	workers []*worker[DB]
	crew    *explore.Crew
	tables  store.Tables // nil: they cannot be looked at
	until   time.Time    // when to end; zero: never
	report  Report
	history history
}

// Explore runs the clients in every order of their statements, those with the fewest interruptions first, and checks what each
// leaves behind. An error says that the code cannot be explored, or that the server failed; that schedules break is no error.
func Explore[DB any](ctx context.Context, server store.Server, code Code[DB]) (report Report, err error) {
	if err := code.check(); err != nil {
		return report, err
	}
	info, err := store.ConnInfoOf(server, code.Isolation)
	if err != nil {
		return report, err
	}
	if !code.LockTimeouts && !slices.ContainsFunc(code.Schedule, func(i int) bool { return i < 0 }) {
		info.BriefWaits = ""
	}
	x := &exploration[DB]{code: code, report: Report{Server: server.Info(), Level: info.Level, Seed: code.Seed}}
	defer func() { err = errors.Join(err, x.close(), wipe(ctx, server, code.Setup != nil)) }()
	if err := x.open(ctx, info); err != nil {
		return report, err
	}
	cfg := explore.Config{Waiting: server.(store.Connectable).Waiting, Polls: func(i int) bool { return x.workers[i].polls() }, Limit: 2 * code.Limit}
	cfg.Traits.Statements = true
	if info.Busy != nil {
		cfg.Waiting = nil
	}
	works := make([]explore.Work, len(x.workers))
	for i, w := range x.workers {
		works[i] = w.work
	}
	x.crew = explore.NewCrew(works, cfg)
	began := time.Now()
	if code.Time > 0 {
		x.until = began.Add(code.Time)
	}
	if code.Check == nil {
		err = x.serially(ctx)
	} else {
		err = x.search(ctx)
		x.report.conclude()
	}
	x.report.Elapsed, x.report.TimeOver = time.Since(began), !x.until.IsZero() && !time.Now().Before(x.until)
	return x.report, err
}

// open opens what everybody works on, and makes the tables.
func (x *exploration[DB]) open(ctx context.Context, info store.ConnInfo) (err error) {
	if x.store, err = x.code.Open(ctx, info, nil); err != nil {
		return err
	}
	if setup := x.code.Setup; setup != nil {
		if err := setup(ctx, x.store.DB); err != nil {
			return fmt.Errorf("Code.Setup: %w", err)
		}
	}
	if err := x.reset(ctx); err != nil {
		return err
	}
	if info.Tables != nil {
		if x.tables, err = info.Tables(ctx); err != nil {
			return err
		}
	}
	for i, run := range x.code.Clients {
		w := &worker[DB]{run: run, limit: x.code.Limit}
		w.name, w.tables = x.code.Names[i], x.tables
		w.readsLock = info.ReadsLock && info.Level == harness.Serializable
		if w.opened, err = x.code.Open(ctx, info, &w.Client); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		x.workers = append(x.workers, w)
	}
	for _, w := range x.workers {
		for _, peer := range x.workers {
			w.peers = append(w.peers, &peer.Client)
		}
	}
	return nil
}

func (x *exploration[DB]) reset(ctx context.Context) error {
	if err := x.code.Reset(ctx, x.store.DB); err != nil {
		return fmt.Errorf("Code.Reset: %w", err)
	}
	return nil
}

// order is the one schedule that was asked for; nil: none was.
func (x *exploration[DB]) order() (order []int) {
	for _, c := range x.code.Schedule {
		actor := max(c, -c) - 1
		if c < 0 {
			actor += explore.Expire
		}
		order = append(order, actor)
	}
	return order
}

// scheduled is an order as Code.Schedule has it.
func scheduled(order []int) (schedule []int) {
	for _, i := range order {
		if i >= explore.Expire {
			schedule = append(schedule, -(i%explore.Expire + 1))
		} else {
			schedule = append(schedule, i+1)
		}
	}
	return schedule
}

// search runs all schedules, or the one that was asked for.
func (x *exploration[DB]) search(ctx context.Context) error {
	if order := x.order(); order != nil {
		turns, err := x.crew.Replay(ctx, order)
		if err != nil {
			return x.why(err)
		}
		s := explore.Schedule{Order: make([]int, len(turns))}
		for i := range turns {
			s.Order[i] = turns[i].Actor()
		}
		broken, err := x.judge(ctx, s)
		x.report.Schedules = 1
		if broken {
			x.report.Breaking = 1
		}
		return err
	}
	found, err := (&explore.Search{
		Lanes:  []explore.Lane{{Player: x.crew, Each: explore.Judging(x.judge), Clear: x.clear}},
		Budget: x.code.Budget, Seed: x.code.Seed, Stop: x.code.Stop, Full: x.code.Full, Until: x.until, LockTimeouts: x.code.LockTimeouts, Strict: func() bool { return x.history.wavered },
		Ran: x.ran,
	}).Run(ctx)
	x.report.Schedules, x.report.Breaking = found.Run, found.Breaking
	x.report.Exhaustive, x.report.Drawn, x.report.Unsteady, x.report.Polled = found.Exhaustive, found.Drawn, found.Unsteady, found.Polled
	x.report.LockTimeouts = found.Expired
	return x.why(err)
}

// ran tells how far the exploration is.
func (x *exploration[DB]) ran(f explore.Found) {
	x.code.Progress.Say(progress.Case{
		Number: 1, Cases: 1, Steps: "schedules", Done: int64(f.Run), Most: int64(x.code.Budget), Broken: int64(f.Breaking),
		Share: progress.Of(int64(f.Run), int64(x.code.Budget)), Until: x.until,
	})
}

// why is the reason for an error of the engine: what a client has done wrong, if it has.
func (x *exploration[DB]) why(err error) error {
	if err == nil {
		return nil
	}
	if fault := x.fault(); fault != nil {
		return fault
	}
	switch {
	case errors.Is(err, explore.ErrDiverged):
		return fmt.Errorf("%w: the clients must run the same statements whenever they are answered the same: not by the clock, by chance, "+
			"or by what an earlier schedule left outside the tables that Code.Reset makes anew", err)
	case errors.Is(err, explore.ErrStuck):
		return fmt.Errorf("%w\n%s", err, x.transcript())
	}
	return err
}

// fault is why the code cannot be explored.
func (x *exploration[DB]) fault() error {
	for _, w := range x.workers {
		w.mu.Lock()
		fault := w.fault
		w.mu.Unlock()
		if fault != nil {
			return fmt.Errorf("%w\n%s", fault, x.transcript())
		}
	}
	return nil
}

// judge checks what a schedule left behind, keeps it if it is the shortest that breaks, and makes the store ready for the next.
func (x *exploration[DB]) judge(ctx context.Context, s explore.Schedule) (broken bool, err error) {
	if err := x.fault(); err != nil {
		return false, err
	}
	x.remember()
	told := make([]error, len(x.workers))
	var wrong error
	for i, w := range x.workers {
		told[i] = w.told
		var panicked *PanicError
		if wrong == nil && errors.As(w.told, &panicked) {
			wrong = fmt.Errorf("%s: %w\n%s", w.name, panicked, panicked.Stack)
		}
	}
	if wrong == nil {
		wrong = x.code.Check(ctx, x.store.DB, told)
	}
	if wrong != nil && ctx.Err() != nil {
		return false, ctx.Err()
	}
	if wrong != nil {
		f := Failure{Preemptions: s.Preemptions, Err: wrong, Told: told, Schedule: scheduled(s.Order)}
		for _, t := range x.crew.Turns() {
			if t.BlockedUntil > 0 {
				f.waits++
			}
		}
		if f.shorter(x.report.Shortest) {
			f.Transcript = x.transcript()
			x.report.Shortest = &f
		}
	}
	return wrong != nil, x.reset(ctx)
}

// clear makes the store ready after a schedule that was given up.
func (x *exploration[DB]) clear(ctx context.Context) error {
	if err := x.fault(); err != nil {
		return err
	}
	x.remember()
	return x.reset(ctx)
}

// wiper is a server whose own schema can be emptied.
type wiper interface {
	Wipe(ctx context.Context) error
}

// wipeLimit bounds the wipe, which runs after an interrupt too.
const wipeLimit = 10 * time.Second

// wipe removes what Setup made, so that the next exploration on the server starts where this one did.
func wipe(ctx context.Context, server store.Server, made bool) error {
	w, ok := server.(wiper)
	if !ok || !made {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wipeLimit)
	defer cancel()
	return w.Wipe(ctx)
}

// close ends everything.
func (x *exploration[DB]) close() error {
	var errs []error
	if x.crew != nil {
		x.crew.Close()
	}
	for _, w := range x.workers {
		errs = append(errs, w.opened.Close())
	}
	if x.tables != nil {
		errs = append(errs, x.tables.Close())
	}
	if x.store.Close != nil {
		errs = append(errs, x.store.Close())
	}
	return errors.Join(errs...)
}
