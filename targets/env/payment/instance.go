package payment

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/payment/service"
)

// instance is an opened way.
type instance struct {
	way      method
	clients  int
	patience time.Duration // how long clients wait for an answer
	row      *target

	mu  sync.Mutex // a fault comes from another goroutine
	svc *service.Service
}

// Clients wait so long for an answer: longer than a busy machine ever takes, unless the row is about answers that never come.
const (
	patient   = 5 * time.Second
	impatient = 100 * time.Millisecond
)

// Prepare says what the way does to the promise.
func (d *instance) Prepare(spec *store.RowSpec) string {
	calls := 0
	for i := range spec.Samples {
		n := 0
		for _, st := range spec.Samples[i].Steps {
			if st.Kind == harness.Call {
				n++
			}
		}
		calls = max(calls, n)
	}
	switch {
	case calls == 0:
		return "its operations ask no payment service"
	case calls > 1:
		return "its operations ask several services, and how to settle with all of them is not written"
	}
	d.patience = patient
	a := &spec.Env
	a.Service = d.way.inside
	a.Services = append(a.Services, d)
	causes := func(why string, commit bool) {
		a.Effects = append(a.Effects, promise.Effect{
			Name: d.way.name, Causes: promise.HazardSet(promise.DualWrite), RefusedCommit: commit, Why: why,
		})
	}
	if d.way.always != "" {
		causes(d.way.always, false)
	}
	if d.way.severed != "" && (a.Traits.Severs && !a.Traits.Answered || a.Traits.Kills) {
		causes(d.way.severed, false)
	}
	if d.way.refused != "" {
		causes(d.way.refused, true)
	}
	return ""
}

// Expect is store.FaultyService's.
func (d *instance) Expect(t store.ServiceFault) string {
	if t.Hang > 0 {
		d.patience = impatient
	}
	switch {
	case !d.way.unkeyed:
		return ""
	case t.Hang > 0:
		return "no answer is taken for a refusal, and the customer is charged all the same"
	case t.Twice > 0:
		return "requests carry no idempotency key, and one that arrives twice charges twice"
	}
	return ""
}

// Inject makes the row's service misbehave.
func (d *instance) Inject(t store.ServiceFault) {
	if s := d.service(); s != nil {
		s.Inject(t)
	}
}

// Wrap puts the service beside the row's store.
func (d *instance) Wrap(inner harness.Target) harness.Target {
	d.row = &target{instance: d, inner: inner}
	return d.row
}

func (d *instance) service() *service.Service {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.svc
}

// restart makes way for a service with empty books: what is under way to the one before cannot reach it.
func (d *instance) restart(ctx context.Context) error {
	if err := d.stop(); err != nil {
		return err
	}
	s, err := service.Start(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.svc = s
	return nil
}

func (d *instance) stop() error {
	d.mu.Lock()
	s := d.svc
	d.svc = nil
	d.mu.Unlock()
	if s == nil {
		return nil
	}
	if err := s.Close(); err != nil {
		return fmt.Errorf("stop the payment service: %w", err)
	}
	return nil
}

// Close ends the service, if a row left it.
func (d *instance) Close() error { return d.stop() }
