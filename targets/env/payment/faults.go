package payment

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Faults are what a payment service does to a shop, as values of the fault axis. They reach whatever service the row asks.
func Faults() []store.Component {
	return []store.Component{
		fault("payment-timeout", "payment service does not answer", store.ServiceFault{Hang: 0.1},
			"the payment service charges, and the answer never comes: who takes that for a refusal is wrong"),
		fault("payment-slow", "payment service is slow", store.ServiceFault{Slow: 0.5},
			"the payment service takes its time: locks are held longer, and nothing else happens"),
		fault("payment-duplicate", "payment service gets requests twice", store.ServiceFault{Twice: 0.2},
			"a gateway delivers requests twice: without an idempotency key customers are charged twice"),
		fault("payment-refuse", "payment service refuses", store.ServiceFault{Refuse: 0.3},
			"the payment service answers 503 without having done anything: who has sold already has to ask again"),
	}
}

func fault(name, what string, trouble store.ServiceFault, explain string) store.Component {
	var endangers promise.Hazards
	if trouble.Slow == 0 { // a service that is slow does all it says
		endangers = promise.HazardSet(promise.DualWrite)
	}
	return store.Component{
		Name: name, Explain: explain, Traits: store.Traits{Service: true}, Endangers: endangers, OneProcess: inOneProcess,
		Open: func(context.Context, store.ComponentOptions) (store.Instance, error) {
			return &troublemaker{name: name, what: what, trouble: trouble}, nil
		},
	}
}

// troublemaker is an opened fault.
type troublemaker struct {
	name, what string
	trouble    store.ServiceFault
	services   []store.FaultyService
}

// Prepare finds the row's services, and says what they let through.
func (f *troublemaker) Prepare(spec *store.RowSpec) string {
	f.services = spec.Env.Services
	if len(f.services) == 0 {
		return "it is about a payment service, and the row has none: choose one with --payment"
	}
	for _, s := range f.services {
		if why := s.Expect(f.trouble); why != "" {
			spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
				Name: f.name, Causes: promise.HazardSet(promise.DualWrite), Why: why,
			})
		}
	}
	return ""
}

// Wrap changes nothing: the service is the payment component's.
func (f *troublemaker) Wrap(inner harness.Target) harness.Target { return inner }

// Close has nothing to end.
func (f *troublemaker) Close() error { return nil }

// The service misbehaves for a while, and behaves for a shorter while, so that what came of the one can be seen beside the other.
const (
	trouble = 200 * time.Millisecond
	peace   = 50 * time.Millisecond
)

// Inject makes the services misbehave, by turns.
func (f *troublemaker) Inject(ctx context.Context, on store.Victims) error {
	for ctx.Err() == nil {
		mended := on.Note(f.what)
		for _, s := range f.services {
			t := f.trouble
			t.Seed = on.Rand.Uint64()
			s.Inject(t)
		}
		_ = harness.Sleep(ctx, trouble/2+time.Duration(on.Rand.Int64N(int64(trouble))))
		for _, s := range f.services {
			s.Inject(store.ServiceFault{})
		}
		mended()
		_ = harness.Sleep(ctx, peace/2+time.Duration(on.Rand.Int64N(int64(peace))))
	}
	return nil
}
