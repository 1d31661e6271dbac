// Package payment puts a real payment service beside a store: the shop sells seats, the service charges for them, and each keeps books
// of its own. In goes a workload whose operations Call; Table says in which ways a shop can ask the service and still go on selling, some
// of them wrong, and Faults what the service can do to it. Out comes a State with the service's ledger beside the journal, so that both
// can be compared.
//
// A method knows no strategy: it takes the Call out of an operation, or moves it, and has the store do the rest. A newcomer starts at way
// and outbox.go; a new way is a file like it and a line in ways.
package payment

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// method is how a shop that sells asks the service for the money.
type method struct {
	name, explain string
	always        string // what goes wrong with nothing broken, as a clause; empty: nothing does
	severed       string // what goes wrong once transactions can end halfway or commits can be lost
	refused       string // what goes wrong where the server may refuse a commit
	unkeyed       bool   // requests carry no key, and no answer is taken for a refusal
	inside        bool   // the call is part of the transaction
	asks          bool   // where there was no answer, the service is asked what it booked before the request is sent again
	legs          func(op *harness.Op) (first, second []harness.Step)
	do            func(s *session, ctx context.Context, op *harness.Op) harness.Result
}

func methods() []method { return []method{callInside(), callBefore(), callAfter(), outbox(), saga()} }

// charging is a Workload whose operations a payment service charges for.
type charging interface {
	// Paid holds the shop's books against the service's: what is paid for is the workload's to say.
	Paid() harness.Checker
}

// paid is the check that comes with a payment service.
func paid(w harness.Workload) []harness.Checker {
	if c, ok := w.(charging); ok {
		return []harness.Checker{c.Paid()}
	}
	return nil
}

// endangers is DualWrite, where anything can leave the shop or the service without the other.
func (w *method) endangers() promise.Hazards {
	if w.always+w.severed+w.refused != "" || w.unkeyed {
		return promise.HazardSet(promise.DualWrite)
	}
	return 0
}

// inOneProcess says why clients in several processes have no payment service.
const inOneProcess = "the payment service keeps its book in the process that asks it"

// Table is the ways to ask a payment service, in the order in which they are shown.
func Table() []store.Component {
	var all []store.Component
	for _, w := range methods() {
		all = append(all, store.Component{
			Name: w.name, Explain: w.explain, Checks: paid, Endangers: w.endangers(), OneProcess: inOneProcess,
			Open: func(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
				return &instance{way: w, clients: opt.Clients}, nil
			},
		})
	}
	return all
}
