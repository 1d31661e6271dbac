package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
)

// around is what surrounds the store of a row, as a worker has it.
type around struct {
	environment suite.Environment
	opened      suite.Instances
}

// openAround opens the components of a spec, which join what the coordinator has begun.
func openAround(ctx context.Context, s *spec, server store.Server, clients int) (*around, error) {
	axes := targets.Axes()
	e := &around{environment: suite.Environment{Servers: s.Servers, Processes: true}}
	for _, a := range s.Around {
		i := slices.IndexFunc(axes, func(x store.Axis) bool { return x.Name == a.Axis })
		if i < 0 || axes[i].Named(a.Name) == nil {
			return e, fmt.Errorf("this lastseat has no --%s %s", a.Axis, a.Name)
		}
		c := axes[i].Named(a.Name)
		d, err := c.Open(ctx, store.ComponentOptions{Store: server, Servers: s.Servers, Clients: clients, Joins: true, Attach: a.With})
		if err != nil {
			return e, fmt.Errorf("%s: %w", a.Name, err)
		}
		e.environment.Components = append(e.environment.Components, suite.Component{Axis: a.Axis, Component: c})
		e.opened = append(e.opened, d)
	}
	return e, nil
}

// row is the row that the coordinator has too, with the components around it.
func (e *around) row(server store.Server, spec store.RowSpec) (store.Offer, error) {
	offer, err := suite.Surround(server, &e.environment, e.opened, spec)
	if err == nil && offer.Skip != "" {
		err = errors.New("the coordinator has such a row, and this worker has not: " + offer.Skip)
	}
	return offer, err
}

func (e *around) close() error {
	var errs []error
	for _, d := range slices.Backward(e.opened) {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
