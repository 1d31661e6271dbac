package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// Serve is a worker: it works for one run, and returns when that is over.
func Serve(ctx context.Context, f *JoinFlags, version string, stderr io.Writer) error {
	conn, err := fleet.Connect(f.Access)
	if err != nil {
		return err
	}
	defer conn.Close()
	opt := fleet.WorkerOptions{Version: version}
	if f.Access.Token == "" { // nobody sees to it that it is there
		opt.Say = func(format string, a ...any) { fmt.Fprintf(stderr, "lastseat: "+format+"\n", a...) }
		opt.Say("waiting for a coordinator (lastseat run --workers N --nats URL)")
	}
	m := &maker{}
	return errors.Join(fleet.Work(ctx, conn, m.make, opt), m.close())
}

// maker makes rows of specs. The server of the last one stays open: the next row is mostly on it as well.
type maker struct {
	mu     sync.Mutex
	engine string
	open   opening
	server store.Server
}

func (m *maker) make(ctx context.Context, text json.RawMessage, clients int, mayConnect func() error) (fleet.Attached, error) {
	var s spec
	if err := json.Unmarshal(text, &s); err != nil {
		return fleet.Attached{}, fmt.Errorf("read what the row is: %w", err)
	}
	w, err := workloads.New(s.Workload, s.Shape)
	if err != nil {
		return fleet.Attached{}, err
	}
	server, err := m.serverOf(ctx, &s, mayConnect)
	if err != nil {
		return fleet.Attached{}, err
	}
	ask := store.RowSpec{Strategy: s.Strategy, Level: s.Level, Start: w.Init(), Samples: w.Samples()}
	if s.Gap > 0 {
		ask.Hook = harness.PauseInGap(s.Gap)
	}
	env, err := openAround(ctx, &s, server, clients)
	if err != nil {
		return fleet.Attached{}, errors.Join(err, env.close())
	}
	offer, err := env.row(server, ask)
	if err == nil {
		err = attach(ctx, offer.Target, w.Init())
	}
	attachable, ok := server.(store.Attachable)
	if !ok && err == nil {
		err = fmt.Errorf("%s cannot be shared by several processes", server.Info().Product)
	}
	if err != nil {
		return fleet.Attached{}, errors.Join(err, env.close())
	}
	label := harness.Label{Workload: s.Workload, Target: s.Engine, Strategy: s.Strategy, Isolation: s.Level}
	return fleet.Attached{
		Row:      engine.Row{Label: label, Workload: w, Target: offer.Target, Nemesis: env.opened.Nemesis()},
		Sessions: attachable.Sessions, Figures: env.opened.Figures, Close: env.close,
	}, nil
}

// attach readies a target for sessions in what the coordinator has made.
func attach(ctx context.Context, t harness.Target, start harness.State) error {
	a, ok := t.(store.Attaching)
	if !ok {
		return errors.New("the row cannot be shared by several processes")
	}
	if err := a.Attach(ctx, start); err != nil {
		return fmt.Errorf("attach to the run's tables: %w", err)
	}
	return nil
}

// serverOf is the server of a spec, opened for its run.
func (m *maker) serverOf(ctx context.Context, s *spec, mayConnect func() error) (store.Server, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.server != nil && m.engine == s.Engine && m.open == s.Open {
		return m.server, nil
	}
	if err := m.closeServer(); err != nil {
		return nil, err
	}
	e := suite.EngineOf(targets.Table(), s.Engine, s.Open.DSN)
	if e == nil {
		return nil, fmt.Errorf("this lastseat has no engine %q", s.Engine)
	}
	server, err := e.Open(ctx, store.OpenConfig{
		DSN: s.Open.DSN, Attach: s.Open.Run, Connections: s.Open.Connections, Driver: s.Open.Driver, MayConnect: mayConnect,
	})
	if err != nil {
		return nil, err
	}
	m.engine, m.open, m.server = s.Engine, s.Open, server
	return server, nil
}

func (m *maker) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closeServer()
}

func (m *maker) closeServer() error {
	if m.server == nil {
		return nil
	}
	server := m.server
	m.server = nil
	return server.Close()
}
