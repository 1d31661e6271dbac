package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/targets/payment"
)

// decoratorKey finds an opened decoration.
type decoratorKey struct {
	name    string
	servers int
}

// decorators opens what is around a server's rows, in the order of the axes; what is open already is used again.
func (s *opened) around(ctx context.Context, a *around, clients int) ([]harness.Decorator, error) {
	var all []harness.Decorator
	for _, d := range a.picks {
		if d == nil {
			all = append(all, nil)
			continue
		}
		key := decoratorKey{d.Name, a.servers}
		if s.decorators[key] == nil {
			if err := s.missing[d.Name]; err != nil {
				return nil, err
			}
			made, err := d.Open(ctx, harness.DecorationOptions{Store: s.server, Servers: a.servers, Clients: clients})
			if err != nil {
				var missing *harness.MissingError
				if errors.As(err, &missing) {
					s.missing[d.Name] = err
				}
				return nil, fmt.Errorf("%s: %w", d.Name, err)
			}
			s.decorators[key] = made
		}
		all = append(all, s.decorators[key])
	}
	return all, nil
}

// close closes what is around a server's rows, then the server.
func (s *opened) close() error {
	var errs []error
	for _, d := range s.decorators {
		errs = append(errs, d.Close())
	}
	return errors.Join(append(errs, s.server.Close())...)
}

// surround makes a row of a spec: prepared by what is around it, offered by the server, and wrapped.
func surround(s *opened, a *around, decorators []harness.Decorator, spec harness.RowSpec) (harness.Offer, error) {
	spec.Around = harness.Around{Traits: a.traits()}
	for i, d := range decorators {
		if d == nil {
			continue
		}
		if skip := d.Prepare(&spec); skip != "" {
			return harness.Offer{Skip: a.picks[i].Name + ": " + skip}, nil
		}
	}
	offer, err := s.server.Row(spec)
	if err != nil || offer.Skip != "" {
		return offer, err
	}
	if n := len(decorators); n > 0 {
		for _, d := range append([]harness.Decorator{decorators[n-1]}, decorators[:n-1]...) {
			if d != nil {
				offer.Target = d.Wrap(offer.Target)
			}
		}
	}
	return offer, nil
}

// nemesis is what breaks things around the row, or nil.
func (p *planned) nemesis() harness.Nemesis {
	for _, d := range p.making {
		if n, ok := d.(harness.Nemesis); ok {
			return n
		}
	}
	return nil
}

// figures are what the row's decorators measured.
func (p *planned) figures() []harness.Figure {
	var all []harness.Figure
	for _, d := range p.making {
		if f, ok := d.(harness.Figured); ok {
			all = append(all, f.Figures()...)
		}
	}
	return all
}

// surrounded is the workload with the invariants that come with what is around its store.
func surrounded(w harness.Workload, l harness.Label) harness.Workload {
	var more []harness.Checker
	if c, ok := w.(charging); ok && slices.ContainsFunc(strings.Split(l.Around, "+"), isPayment) {
		more = append(more, c.Paid())
	}
	if l.Fault == crashHolder {
		more = append(more, check.Progress())
	}
	if len(more) == 0 {
		return w
	}
	return &alsoChecked{w, more}
}

// charging is a Workload whose operations a payment service charges for.
type charging interface {
	// Paid holds the shop's books against the service's.
	Paid() harness.Checker
}

func isPayment(name string) bool {
	return slices.ContainsFunc(payment.Table(), func(d harness.Decoration) bool { return d.Name == name })
}

// alsoChecked is a workload with more invariants.
type alsoChecked struct {
	harness.Workload
	more []harness.Checker
}

func (w *alsoChecked) Checks() []harness.Checker { return append(w.Workload.Checks(), w.more...) }
