package service_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/payment/service"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long is more than any answer takes, however busy the machine is.
const long = 30 * time.Second

func start(t *testing.T, patience time.Duration) (*service.Service, *service.Client) {
	t.Helper()
	s, err := service.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := service.NewClient(s.URL(), patience, 8)
	t.Cleanup(func() {
		c.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, c
}

// charge asks, and wants the answer.
func charge(t *testing.T, c *service.Client, r service.Request, want service.Status) {
	t.Helper()
	got, err := c.Charge(t.Context(), r)
	if err != nil || got != want {
		t.Errorf("%+v: %q, %v, want %q", r, got, err, want)
	}
}

func booked(t *testing.T, s *service.Service, want ...harness.Charge) {
	t.Helper()
	if err := s.Idle(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.Ledger(); got == nil || !slices.Equal(got, want) {
		t.Errorf("the ledger has %v, want %v", got, want)
	}
}

// TestKeys: with a key it books once and answers the same; without one it books each time.
func TestKeys(t *testing.T) {
	s, c := start(t, long)
	booked(t, s)
	for range 2 {
		charge(t, c, service.Request{Op: 1, Amount: 10, Card: service.Good, Key: "a"}, service.Charged)
		charge(t, c, service.Request{Op: 2, Amount: 7, Card: service.Good}, service.Charged)
		charge(t, c, service.Request{Op: 3, Amount: 5, Card: service.NoFunds, Key: "c"}, service.Declined)
	}
	if got, err := c.Refund(t.Context(), service.Request{Op: 4, Amount: 10, Card: service.NoFunds}); got != service.Charged || err != nil {
		t.Errorf("money back: %q, %v", got, err)
	}
	booked(t, s, harness.Charge{Op: 1, Amount: 10}, harness.Charge{Op: 2, Amount: 7}, harness.Charge{Op: 2, Amount: 7}, harness.Charge{Op: 4, Amount: -10})
	for op, want := range map[int64]int64{1: 10, 2: 14, 3: 0, 4: -10, 9: 0} {
		if got, ok, err := c.Booked(t.Context(), op); got != want || !ok || err != nil {
			t.Errorf("booked for %d: %d, %t, %v", op, got, ok, err)
		}
	}
}

// TestDown: the service is down for a few requests of the operation, and back then.
func TestDown(t *testing.T) {
	s, c := start(t, long)
	r := service.Request{Op: 1, Amount: 10, Card: service.Down, Key: "a"}
	for range 3 {
		charge(t, c, r, service.Unavailable)
	}
	booked(t, s)
	charge(t, c, r, service.Charged)
	charge(t, c, r, service.Charged)
	booked(t, s, harness.Charge{Op: 1, Amount: 10})
}

// TestWrongRequests: what is no request is answered as such, and books nothing.
func TestWrongRequests(t *testing.T) {
	s, c := start(t, long)
	if got, err := c.Charge(t.Context(), service.Request{Op: 1, Amount: -1}); err == nil {
		t.Errorf("a negative amount is %q", got)
	}
	booked(t, s)
}

// TestTrouble: each kind does what it says, to all requests or to none.
func TestTrouble(t *testing.T) {
	s, c := start(t, long)
	r := service.Request{Op: 1, Amount: 10, Card: service.Good}
	s.Inject(store.ServiceFault{Refuse: 1})
	charge(t, c, r, service.Unavailable)
	if _, ok, err := c.Booked(t.Context(), 1); ok || err != nil {
		t.Errorf("it says what it booked while it refuses: %v", err)
	}
	booked(t, s)
	s.Inject(store.ServiceFault{Slow: 1})
	charge(t, c, r, service.Charged)
	s.Inject(store.ServiceFault{Twice: 1})
	charge(t, c, service.Request{Op: 2, Amount: 10, Card: service.Good}, service.Charged)
	charge(t, c, service.Request{Op: 3, Amount: 10, Card: service.Good, Key: "c"}, service.Charged)
	s.Inject(store.ServiceFault{})
	charge(t, c, r, service.Charged)
	one, two := harness.Charge{Op: 1, Amount: 10}, harness.Charge{Op: 2, Amount: 10}
	booked(t, s, one, two, two, harness.Charge{Op: 3, Amount: 10}, one)
}

// TestHang: it books and does not answer; the client gives up, and asks again with the same key.
func TestHang(t *testing.T) {
	s, c := start(t, 50*time.Millisecond)
	r := service.Request{Op: 1, Amount: 10, Card: service.Good, Key: "a"}
	s.Inject(store.ServiceFault{Hang: 1})
	if got, err := c.Charge(t.Context(), r); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an answer: %q, %v", got, err)
	}
	booked(t, s, harness.Charge{Op: 1, Amount: 10})
	s.Inject(store.ServiceFault{})
	patient := service.NewClient(s.URL(), long, 1)
	defer patient.Close()
	charge(t, patient, r, service.Charged)
	booked(t, s, harness.Charge{Op: 1, Amount: 10})
}

// TestSameSeedSameFates: one client meets the same troubles again.
func TestSameSeedSameFates(t *testing.T) {
	s, c := start(t, long)
	var runs [2][]service.Status
	for run := range runs {
		s.Inject(store.ServiceFault{Refuse: 0.5, Seed: 11})
		for range 40 {
			got, err := c.Charge(t.Context(), service.Request{Op: 1, Amount: 1, Card: service.Good})
			if err != nil {
				t.Fatal(err)
			}
			runs[run] = append(runs[run], got)
		}
	}
	if !slices.Equal(runs[0], runs[1]) || !slices.Contains(runs[0], service.Charged) || !slices.Contains(runs[0], service.Unavailable) {
		t.Errorf("%v\n%v", runs[0], runs[1])
	}
}

// TestCloseLetsGo: requests that hang do not keep the service from ending.
func TestCloseLetsGo(t *testing.T) {
	s, err := service.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := service.NewClient(s.URL(), long, 8)
	defer c.Close()
	s.Inject(store.ServiceFault{Hang: 1})
	var hanging sync.WaitGroup
	for op := range int64(4) {
		hanging.Go(func() {
			if got, err := c.Charge(t.Context(), service.Request{Op: op, Amount: 1, Card: service.Good}); err == nil {
				t.Errorf("operation %d: %q", op, got)
			}
		})
	}
	for len(s.Ledger()) < 4 {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	hanging.Wait()
}
