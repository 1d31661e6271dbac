package payment

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/env/payment/service"
)

// ask asks the service once: for money, or to give it back where the Call's amount is below 0.
func (t *target) ask(ctx context.Context, call *harness.Step, r service.Request) (service.Status, error) {
	if call.Delta < 0 {
		return t.client.Refund(ctx, r)
	}
	return t.client.Charge(ctx, r)
}

// definite asks with the operation's key until the service says yes or no. What it said once it says each time.
func (t *target) definite(ctx context.Context, op int64, call *harness.Step) (service.Status, error) {
	r := request(op, call, true)
	for wait := firstWait; ; wait = longer(wait) {
		status, err := t.ask(ctx, call, r)
		if err == nil && status != service.Unavailable {
			return status, nil
		}
		if err != nil && t.way.asks {
			if amount, ok, err := t.client.Booked(ctx, op); err == nil && ok && amount == call.Delta {
				return service.Charged, nil
			}
		}
		if err == nil {
			err = fmt.Errorf("%s %w", call.Service, harness.ErrServiceDown)
		}
		if harness.Sleep(ctx, wait) != nil {
			return "", fmt.Errorf("nobody knows whether it is paid: %w", err)
		}
		t.repeats.Add(1)
	}
}
