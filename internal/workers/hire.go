package workers

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/workloads"
)

// Hired are the workers of a run, as its coordinator has them.
type Hired struct {
	Fleet     *fleet.Fleet
	conn      *nats.Conn
	embedded  *fleet.Embedded // nil: NATS is the user's own
	folder    *local.Folder   // of what embedded keeps: it goes also where this process is killed
	processes []*exec.Cmd     // of this machine
}

const (
	startWithin = time.Minute     // processes of this machine
	comeWithin  = 5 * time.Minute // workers that are started anywhere
	endWithin   = 10 * time.Second
)

// Hire starts workers on this machine, or waits for those that join the user's NATS. nil: none are wanted.
func (f *Flags) Hire(ctx context.Context, version string, stderr io.Writer) (h *Hired, err error) {
	if f.N == 0 {
		return nil, nil
	}
	h = &Hired{}
	defer func() {
		if err != nil {
			h, err = nil, errors.Join(err, h.Close())
		}
	}()
	access, within := f.Access, comeWithin
	if access.URL == "" {
		within = startWithin
		if h.folder, err = local.NewFolder("lastseat-nats-"); err != nil {
			return h, err
		}
		if h.embedded, err = fleet.Embed(rand.Text(), h.folder.Path()); err != nil {
			return h, err
		}
		access = h.embedded.Access
		for range f.N {
			if err := h.start(access, stderr); err != nil {
				return h, err
			}
		}
	}
	if h.conn, err = fleet.Connect(access); err != nil {
		return h, err
	}
	say := func(format string, a ...any) { fmt.Fprintf(stderr, "lastseat: "+format+"\n", a...) }
	h.Fleet, err = fleet.Gather(ctx, h.conn, fleet.Options{Workers: f.N, Within: within, Version: version, Say: say})
	return h, err
}

// start starts a worker process. It is told in its environment where to go.
func (h *Hired) start(a fleet.Access, stderr io.Writer) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	cmd := exec.Command(path, "worker")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), urlVariable+"="+a.URL, tokenVariable+"="+a.Token)
	cmd.Stderr = stderr
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	h.processes = append(h.processes, cmd)
	return nil
}

// Close sends the workers home.
func (h *Hired) Close() error {
	if h == nil {
		return nil
	}
	var errs []error
	if h.Fleet != nil {
		errs = append(errs, h.Fleet.Close())
	}
	for _, p := range h.processes {
		late := time.AfterFunc(endWithin, func() { _ = p.Process.Kill() }) // it may have ended
		if h.Fleet == nil {
			_ = p.Process.Kill() // nobody tells it to go
		}
		_ = p.Wait() // how a lost one ended is said already
		late.Stop()
	}
	if h.conn != nil {
		h.conn.Close()
	}
	if h.embedded != nil {
		h.embedded.Close()
	}
	if h.folder != nil {
		ctx, cancel := context.WithTimeout(context.Background(), endWithin)
		defer cancel()
		errs = append(errs, h.folder.Remove(ctx))
	}
	return errors.Join(errs...)
}

// Processes are the workers that can be stopped: those of this machine that it started.
func (h *Hired) Processes() (all []store.Process) {
	if h == nil || !canStop {
		return nil
	}
	for _, p := range h.processes {
		all = append(all, &stoppable{h.Fleet, p.Process})
	}
	return all
}

type stoppable struct {
	fleet   *fleet.Fleet
	process *os.Process
}

// Stop has the process stand still.
func (s *stoppable) Stop() error {
	if err := stop(s.process); err != nil {
		return err
	}
	s.fleet.Still(s.process.Pid, true)
	return nil
}

// Continue has it go on.
func (s *stoppable) Continue() error {
	err := goOn(s.process)
	s.fleet.Still(s.process.Pid, false)
	return err
}

// spec is what a worker makes a row of.
type spec struct {
	Engine   string
	Open     opening
	Strategy string
	Level    harness.Level
	Workload string
	Shape    workloads.Config
	Gap      time.Duration
	Around   []suite.Attached
	Servers  int // application servers that the worker is
}

// opening is how a worker opens the server.
type opening struct {
	DSN, Run    string
	Connections int
	Driver      bool
}

// Elsewhere is suite.Config.Elsewhere: it has the rows of a suite run on the workers, if there are any. Servers are opened as open says,
// workloads are of this shape, and clients think for gap.
func (h *Hired) Elsewhere(open store.OpenConfig, shape workloads.Config, gap time.Duration) func(*suite.Row) engine.Elsewhere {
	if h == nil {
		return nil
	}
	return func(row *suite.Row) engine.Elsewhere {
		server, _ := row.Opened().Server.(store.Attachable) // the plan has seen to that
		s := spec{
			Engine: row.Opened().Spec.Engine.Name, Strategy: row.Label.Strategy, Level: row.Label.Isolation, Workload: row.Label.Workload, Shape: shape, Gap: gap,
		}
		s.Open.Driver = open.Driver
		s.Shape.Cells = row.Cells
		if row.Skew != 0 {
			s.Shape.ZipfianConstant = row.Skew
		}
		all := row.Opened().Info.Connections
		return func(each engine.Config, keep *spool.Spool) (engine.Clients, error) {
			share := func(at fleet.Place) (_ json.RawMessage, err error) {
				own, servers := s, row.Environment.Servers
				own.Open.DSN, own.Open.Run = server.Attachment() // the row's set-up may have given it a standby
				own.Open.Connections = max(min(all*at.Clients/each.Concurrency, at.Clients), 1)
				own.Servers = max(servers*(at.Number+1)/at.Of-servers*at.Number/at.Of, 1)
				if own.Around, err = row.Attached(); err != nil {
					return nil, err
				}
				return json.Marshal(own)
			}
			return h.Fleet.Clients(each, keep, share, server.EndSessions), nil
		}
	}
}
