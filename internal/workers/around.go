package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
)

// around are the components of a row as a worker has them, from the inside out.
type around []store.Instance

// openAround opens the components of a spec, attached to what the coordinator has begun.
func openAround(ctx context.Context, s *spec, server store.Server, clients int) (all around, err error) {
	axes := targets.Axes()
	for _, a := range s.Around {
		i := slices.IndexFunc(axes, func(x store.Axis) bool { return x.Name == a.Axis })
		if i < 0 || axes[i].Named(a.Name) == nil {
			return all, fmt.Errorf("this lastseat has no --%s %s", a.Axis, a.Name)
		}
		d, err := axes[i].Named(a.Name).Open(ctx, store.ComponentOptions{Store: server, Servers: s.Servers, Clients: clients, Attach: a.With})
		if err != nil {
			return all, fmt.Errorf("%s: %w", a.Name, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// target is the row that the coordinator has too, with the components around it.
func (e around) target(server store.Server, spec store.RowSpec) (harness.Target, error) {
	const differs = "the coordinator has such a row, and this worker has not: "
	for _, d := range e {
		if skip := d.Prepare(&spec); skip != "" {
			return nil, errors.New(differs + skip)
		}
	}
	offer, err := server.Row(spec)
	if err != nil {
		return nil, err
	}
	if offer.Skip != "" {
		return nil, errors.New(differs + offer.Skip)
	}
	target := offer.Target
	for _, d := range e {
		target = d.Wrap(target)
	}
	return target, nil
}

func (e around) figures() (all []store.Figure) {
	for _, d := range e {
		if f, ok := d.(store.Figured); ok {
			all = append(all, f.Figures()...)
		}
	}
	return all
}

func (e around) close() error {
	var errs []error
	for _, d := range slices.Backward(e) {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
