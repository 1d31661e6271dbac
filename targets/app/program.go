package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/script"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Options say how a program is opened.
type Options struct {
	Engines []database.Engine
	Clients int                  // concurrent ones; 0: 2
	Copies  int                  // of the program; 0: one a client
	Lanes   int                  // that play at the same time; 0: 1
	Level   harness.Level        // of the program's sessions; empty: the file's, or the server's own
	Ready   time.Duration        // for a program to answer; 0: 60 s
	Attach  func(address string) // is told what a program that is run by somebody else is to be started with
	Limit   time.Duration        // the longest that nothing may move; 0: explore.DefaultLimit
	Whole   bool                 // play statements whole: no gates
	// Unwatched: nothing is asked of the wire, so that there need be none.
	Unwatched bool
	Durable   bool // a throwaway server loses nothing when it is killed
	// LockTimeouts has each statement that waits for a lock run into its time-out once; the program's sessions then wait a second.
	LockTimeouts bool
	Progress     progress.Func // nil: nobody is told how far it is
}

// Program is a program of the user's with its databases: each Lane has one, and copies of the program.
type Program struct {
	*spec.Spec
	options Options
	engine  database.Engine
	server  database.Server
	level   harness.Level
	lanes   []*Lane
	dbs     map[string]database.Database
	scripts map[string]*script.Script // of operations in SQL
	account *proxy.Account            // that programs are let in with
	ca      string                    // the file with what they have to trust, where the file says that they want it
}

// Open makes the databases, sets them up, and starts the copies. The caller must Close it, after an error too.
func Open(ctx context.Context, s *spec.Spec, opt Options) (*Program, error) {
	opt.Clients, opt.Lanes = cmp.Or(opt.Clients, 2), cmp.Or(opt.Lanes, 1)
	opt.Ready, opt.Limit = cmp.Or(opt.Ready, time.Minute), cmp.Or(opt.Limit, explore.DefaultLimit)
	p := &Program{Spec: s, options: opt, level: cmp.Or(opt.Level, s.Level), dbs: map[string]database.Database{}}
	if err := p.checkAttach(); err != nil {
		return p, err
	}
	engine, url, err := find(opt.Engines, s.Database)
	if err != nil {
		return p, fmt.Errorf("%s: %w", s.File, err)
	}
	p.engine = engine
	if err := p.checkWire(); err != nil {
		return p, err
	}
	if err := p.compile(); err != nil {
		return p, err
	}
	if p.account, err = proxy.NewAccount(); err != nil {
		return p, err
	}
	if err := p.writeCA(); err != nil {
		return p, err
	}
	if p.server, err = engine.Open(ctx, url, opt.Durable); err != nil {
		return p, fmt.Errorf("database %s: %w", engine.Name, err)
	}
	if p.level == p.server.About().Level {
		p.level = "" // they have it anyway
	}
	for range opt.Lanes {
		l := &Lane{program: p, slow: map[string]bool{}, changes: map[string]bool{}, events: queue{wake: make(chan struct{}, 1)}}
		p.lanes = append(p.lanes, l)
		if err := l.open(ctx); err != nil {
			return p, err
		}
	}
	return p, nil
}

// find is the engine that a file names: by its name, or by the scheme of a URL.
func find(engines []database.Engine, name string) (e database.Engine, dsn string, err error) {
	scheme, _, isURL := strings.Cut(name, "://")
	var there []string
	for _, e := range engines {
		if !isURL && e.Name == name {
			return e, "", nil
		}
		for _, s := range e.Schemes {
			if isURL && s == scheme {
				return e, name, nil
			}
		}
		there = append(there, e.Name)
	}
	what := harness.VisibleLine(name)
	if isURL {
		what = harness.VisibleLine(scheme) + "://…"
	}
	return e, "", fmt.Errorf("database: %s is none that is known; there are: %s; a server also as a URL", what, strings.Join(there, ", "))
}

// checkWire says what does not go without a wire between the program and its database.
func (p *Program) checkWire() error {
	switch {
	case !p.engine.Unwired:
		return nil
	case !p.options.Unwatched:
		return fmt.Errorf("%s: between a program and %s there is no wire on which its statements could be held or seen; lastseat run %s runs rounds of bursts, and compares what comes of them", p.File, p.engine.Product, p.File)
	case p.Attach != "":
		return fmt.Errorf("%s: attach: is for servers; of a program on %s say in app: how it is started", p.File, p.engine.Product)
	case p.Has(spec.SQL):
		return fmt.Errorf("%s: sql: and script: are for servers; lastseat explore FILE.schedule plays statements on %s", p.File, p.engine.Product)
	}
	return nil
}

// Close ends all copies, and removes the databases.
func (p *Program) Close(ctx context.Context) error {
	var errs []error
	for _, l := range p.lanes {
		errs = append(errs, l.close())
	}
	if p.server != nil {
		errs = append(errs, p.server.Close(context.WithoutCancel(ctx)))
	}
	if p.ca != "" {
		errs = append(errs, os.Remove(p.ca))
	}
	return errors.Join(errs...)
}

// writeCA writes what programs have to trust into a file, if shop.yaml names it.
func (p *Program) writeCA() error {
	if !p.Mentions("{ca}") {
		return nil
	}
	f, err := os.CreateTemp("", "lastseat-ca-*.pem")
	if err != nil {
		return fmt.Errorf("write what {ca} stands for: %w", err)
	}
	p.ca = f.Name()
	_, err = f.Write(p.account.CA)
	return errors.Join(err, f.Close())
}

// sessions is how the program's begin.
func (p *Program) sessions() database.Sessions {
	return database.Sessions{Level: p.level, BriefWaits: p.options.LockTimeouts}
}

// Lanes are where schedules are played.
func (p *Program) Lanes() []*Lane { return p.lanes }

// About is what is to be said of the server.
func (p *Program) About() database.About { return p.server.About() }

// Level is what the program's sessions have unless they ask for another.
func (p *Program) Level() harness.Level { return cmp.Or(p.level, p.server.About().Level) }

// Start are the tables as the schedules find them.
func (p *Program) Start() []serial.Table { return p.lanes[0].tables(p.lanes[0].store.Seed) }

// newName is that of a database that nobody else has.
func newName() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	return "lastseat_app_" + hex.EncodeToString(b[:])
}

// Traits say what the level of the program's sessions decides about the order of statements.
func (p *Program) Traits() explore.Traits {
	return explore.Traits{TxSnapshot: p.engine.Snapshot(p.Level()), Watches: p.engine.Watches(p.Level())}
}
