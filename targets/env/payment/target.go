package payment

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/payment/service"
)

// target is a row's store with a payment service beside it.
type target struct {
	*instance
	inner  harness.Target
	client *service.Client
	book   *book
	fence  fence

	compensations, recovered, repeats atomic.Int64
	count                             count
}

// Setup starts a service with empty books, and sets the store up.
func (t *target) Setup(ctx context.Context, start harness.State) error {
	if err := t.restart(ctx); err != nil {
		return fmt.Errorf("start a payment service: %w", err)
	}
	if t.client != nil {
		t.client.Close()
	}
	t.client = service.NewClient(t.service().URL(), t.patience, t.clients)
	t.book, t.fence, t.count = newBook(&t.way), fence{}, count{}
	t.compensations.Store(0)
	t.recovered.Store(0)
	t.repeats.Store(0)
	return t.inner.Setup(ctx, start)
}

// Session opens one client.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s := &session{row: t}
	t.fence.watch(&opt)
	if t.way.inside {
		opt.Call = s.pay
	}
	var err error
	if s.inner, err = t.inner.Session(ctx, opt); err != nil {
		return nil, err
	}
	return s, nil
}

// quietTimeout bounds the wait for requests whose clients have given up.
const quietTimeout = 10 * time.Second

// Snapshot finishes what was left unfinished, and reads both ledgers.
func (t *target) Snapshot(ctx context.Context) (harness.State, error) {
	final, err := t.finished(ctx)
	if err != nil {
		return final, err
	}
	quiet, cancel := context.WithTimeout(ctx, quietTimeout)
	defer cancel()
	if err := t.service().Idle(quiet); err != nil {
		return final, fmt.Errorf("requests to the payment service are still under way: %w", err)
	}
	own(final.Entries)
	final.Charges = t.service().Ledger()
	t.count = counted(&final)
	return final, nil
}

// LockWaits is the store's.
func (t *target) LockWaits(ctx context.Context) (int, error) {
	return store.Passing{Target: t.inner}.LockWaits(ctx)
}

// Close ends the service, and removes what Setup made.
func (t *target) Close() error {
	if t.client != nil {
		t.client.Close()
	}
	return errors.Join(t.stop(), t.inner.Close())
}
