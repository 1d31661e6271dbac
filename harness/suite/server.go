package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Server is a target's server as it was measured, or why it was not.
type Server struct {
	Target  string // postgres
	Info    store.ServerInfo
	Missing string // why the whole target was skipped; empty if it was not
}

// Opened is a target's server while it is open.
type Opened struct {
	Spec   TargetSpec
	Server store.Server
	Info   store.ServerInfo

	twins      []store.Server                  // further runs on the same server, with tables of their own
	components map[componentKey]store.Instance // that were opened around its rows
	missing    map[string]error                // components that this machine lacks, by name
}

// NewOpened takes over an open server.
func NewOpened(spec TargetSpec, s store.Server) *Opened {
	return &Opened{Spec: spec, Server: s, Info: s.Info(), components: map[componentKey]store.Instance{}, missing: map[string]error{}}
}

// OpenServers opens all targets. A target whose server this machine lacks is left out of opened, and all says why. After an error
// the caller still closes those that were opened.
func OpenServers(ctx context.Context, specs []TargetSpec, cfg store.OpenConfig) (opened []*Opened, all []Server, err error) {
	for _, spec := range specs {
		cfg.DSN = spec.DSN
		s, err := spec.Engine.Open(ctx, cfg)
		var missing *store.MissingError
		if errors.As(err, &missing) {
			all = append(all, Server{Target: spec.Name, Missing: missing.Hint})
			continue
		}
		if err != nil {
			return opened, all, fmt.Errorf("target %s: %w", spec.Name, err)
		}
		o := NewOpened(spec, s)
		opened, all = append(opened, o), append(all, Server{Target: spec.Name, Info: o.Info})
	}
	return opened, all, nil
}

// Twin opens the server once more as it is, for rows in tables of their own beside the others. Close closes it.
func (s *Opened) Twin(ctx context.Context, cfg store.OpenConfig) error {
	same, ok := s.Server.(store.Attachable)
	if !ok {
		return fmt.Errorf("target %s cannot be opened twice", s.Spec.Name)
	}
	cfg.DSN, _ = same.Attachment()
	twin, err := s.Spec.Engine.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("target %s: %w", s.Spec.Name, err)
	}
	s.twins = append(s.twins, twin)
	return nil
}

// OpenLanes opens the server as often as schedules are to be played on it at once: where lanes is 0, as often as its engine says, and a user's own once,
// as it may have connections for no more. What is inside this process, and clusters, have one lane.
func (s *Opened) OpenLanes(ctx context.Context, lanes int, cfg store.OpenConfig) error {
	switch {
	case s.Spec.Engine.Embedded || s.Spec.Engine.Cluster != "":
		return nil
	case lanes == 0 && s.Info.Throwaway:
		lanes = s.Spec.Engine.Lanes
	}
	for lane := 1; lane < lanes; lane++ {
		if err := s.Twin(ctx, cfg); err != nil {
			return fmt.Errorf("lane %d: %w", lane+1, err)
		}
	}
	return nil
}

// All are the server and its twins.
func (s *Opened) All() []store.Server { return append([]store.Server{s.Server}, s.twins...) }

// Close closes what is around the server's rows, then the server.
func (s *Opened) Close() error {
	var errs []error
	for _, t := range s.twins {
		errs = append(errs, t.Close())
	}
	for _, d := range s.components {
		errs = append(errs, d.Close())
	}
	return errors.Join(append(errs, s.Server.Close())...)
}

// Lacks reports whether a row was skipped because this machine lacks what a component needs.
func (s *Opened) Lacks() bool { return len(s.missing) > 0 }

// Strategies are those that the server's engine has.
func (s *Opened) Strategies() []string {
	var names []string
	for _, i := range s.Spec.Engine.Strategies {
		names = append(names, i.Name)
	}
	return names
}

// Levels are the levels of a server's rows: those asked for, all that it offers, or its default.
func (s *Opened) Levels(asked []harness.Level, all bool) []harness.Level {
	offered := s.Server.Levels()
	switch {
	case slices.Equal(offered, []harness.Level{harness.NoLevel}), all:
		return offered
	case len(asked) > 0:
		return asked
	}
	return []harness.Level{s.Info.DefaultLevel}
}
