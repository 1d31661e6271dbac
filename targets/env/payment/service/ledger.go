package service

import (
	"sync"

	"github.com/lastseat/lastseat/harness"
)

// outage is how many requests of an operation are refused whose service is down: then the service is back.
const outage = 3

// ledger is what the service booked, and what it has to remember to answer the same again.
type ledger struct {
	mu      sync.Mutex
	entries []harness.Charge
	sums    map[int64]int64   // by operation
	answers map[string]Status // by key
	refused map[int64]int     // by operation that finds the service down: how often so far
}

func newLedger() ledger {
	return ledger{sums: map[int64]int64{}, answers: map[string]Status{}, refused: map[int64]int{}}
}

// book carries a request out, sign being 1 for a charge and -1 for a refund. Money back is never declined.
func (l *ledger) book(r *Request, sign int64) Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	if status, ok := l.answers[r.Key]; ok && r.Key != "" {
		return status
	}
	if r.Card == Down && l.refused[r.Op] < outage {
		l.refused[r.Op]++
		return Unavailable
	}
	status := Charged
	if r.Card == NoFunds && sign > 0 {
		status = Declined
	} else {
		l.entries = append(l.entries, harness.Charge{Op: r.Op, Amount: sign * r.Amount})
		l.sums[r.Op] += sign * r.Amount
	}
	if r.Key != "" {
		l.answers[r.Key] = status
	}
	return status
}

// sum is what was taken for an operation less what was given back.
func (l *ledger) sum(op int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sums[op]
}

func (l *ledger) all() []harness.Charge {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]harness.Charge{}, l.entries...)
}
