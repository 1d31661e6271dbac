package payment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a store in memory that loses answers, meets conflicts and lets clients die: whether what it does not answer happened, and
// whether it did so at once, is a matter of luck. keyed: it takes each operation once.
type shop struct {
	mu     sync.Mutex
	rand   *rand.Rand
	luck   int // one in so many attempts goes wrong; 0: none
	keyed  bool
	start  harness.State
	now    harness.State
	taken  map[int64]bool
	later  []harness.Op // what happens once nobody looks
	fences []int64      // that second legs came with
}

func (s *shop) Setup(_ context.Context, start harness.State) error {
	s.start, s.now, s.taken, s.later = start, start.Clone(), map[int64]bool{}, nil
	return nil
}

func (s *shop) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	return &client{s, opt}, nil
}

func (s *shop) Snapshot(context.Context) (harness.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.later) > 0 {
		s.land(s.later[0].ID)
	}
	return s.now.Clone(), nil
}

func (s *shop) Close() error { return nil }

// land does what is on its way of an operation.
func (s *shop) land(id int64) {
	s.later = slices.DeleteFunc(s.later, func(op harness.Op) bool {
		if op.ID == id {
			s.apply(&op)
		}
		return op.ID == id
	})
}

// apply does the operation, if it may.
func (s *shop) apply(op *harness.Op) harness.Result {
	if s.keyed && s.taken[op.ID] {
		return harness.Result{Outcome: harness.Failed, Err: fmt.Errorf("insert: %w", harness.ErrDone)}
	}
	outcome := harness.Apply(s.now.Values, op)
	if outcome != harness.OK {
		return harness.Result{Outcome: outcome}
	}
	s.taken[op.ID] = true
	for _, st := range op.Steps {
		s.now.Versions[st.Cell]++
		s.now.Entries = append(s.now.Entries, harness.Entry{Op: op.ID, Cell: st.Cell, Delta: st.Delta, Version: s.now.Versions[st.Cell]})
	}
	return harness.Result{Outcome: harness.OK}
}

type client struct {
	shop *shop
	opt  harness.SessionOptions
}

func (c *client) Close() error { return nil }

func (c *client) Do(ctx context.Context, op *harness.Op) harness.Result {
	s := c.shop
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.opt.Fence != nil && op.ID < 0 {
		s.fences = append(s.fences, c.opt.Fence())
	}
	if ctx.Err() != nil {
		return harness.Result{Outcome: harness.Failed, Err: ctx.Err()}
	}
	if s.keyed {
		s.land(op.ID) // who stores the same number waits for whoever has not committed it yet
	}
	fate := -1
	if s.luck > 0 && s.rand.IntN(s.luck) == 0 {
		fate = s.rand.IntN(6)
	}
	switch fate {
	case 0:
		return harness.Result{Outcome: harness.Failed, Conflict: harness.Deadlock, Err: errors.New("deadlock")}
	case 1:
		return harness.Result{Outcome: harness.Failed, Err: errors.New("connection lost")}
	case 2:
		return harness.Result{Outcome: harness.Failed, Err: fmt.Errorf("at commit: %w", harness.ErrCrashed)}
	case 3:
		return harness.Result{Outcome: harness.Unknown, Err: errors.New("connection lost at COMMIT")}
	case 4:
		if res := s.apply(op); res.Outcome != harness.OK {
			return res
		}
		return harness.Result{Outcome: harness.Unknown, Err: errors.New("connection lost after COMMIT")}
	case 5:
		if len(op.Steps) > 0 && harness.Decide(slices.Clone(s.now.Values), op) {
			late := *op
			late.Steps = slices.Clone(op.Steps)
			if s.taken[op.ID] && s.keyed {
				return s.apply(op)
			}
			s.later = append(s.later, late)
			return harness.Result{Outcome: harness.Unknown, Err: errors.New("connection lost, and COMMIT still on its way")}
		}
	}
	return s.apply(op)
}

// order is a seat for ten out of a wallet, or, undoing another, the way back.
func order(id, undoes int64, card harness.Outcome) *harness.Op {
	n := int64(1)
	if undoes != 0 {
		n = -1
	}
	guard := func(c harness.Cell) harness.Guard {
		if undoes != 0 {
			return harness.Guard{}
		}
		return harness.Guard{Cells: []harness.Cell{c}}
	}
	return &harness.Op{ID: id, Name: "checkout", Undoes: undoes, Steps: []harness.Step{
		{Kind: harness.Add, Cell: 0, Delta: -n, Guard: guard(0)},
		{Kind: harness.Call, Service: "payment", Outcome: card, Delta: n * 10},
		{Kind: harness.Add, Cell: 1, Delta: -n * 10, Guard: guard(1)},
		{Kind: harness.Add, Cell: 2, Delta: n},
	}}
}

func startState() harness.State {
	return harness.NewState(harness.Group{Table: "seat", Len: 1}, "orders", 3).
		With(harness.Group{Table: "wallet", Len: 1}, 50).With(harness.Group{Table: "sold", Len: 1}, 0)
}

func samples() []harness.Op { return []harness.Op{*order(1, 0, harness.OK), *order(2, 1, harness.OK)} }

// opened is a way around a shop, ready for sessions.
func opened(t *testing.T, name string, inner harness.Target, traits store.Traits, trouble store.ServiceFault) (harness.Target, *instance, store.RowSpec) {
	t.Helper()
	table := Table()
	i := slices.IndexFunc(table, func(d store.Component) bool { return d.Name == name })
	dec, err := table[i].Open(t.Context(), store.ComponentOptions{Servers: 1, Clients: 4})
	if err != nil {
		t.Fatal(err)
	}
	spec := store.RowSpec{Samples: samples()}
	spec.Env.Traits = traits
	if skip := dec.Prepare(&spec); skip != "" {
		t.Fatal(skip)
	}
	d := dec.(*instance)
	if (trouble != store.ServiceFault{}) {
		d.Expect(trouble)
	}
	target := dec.Wrap(inner)
	if err := target.Setup(t.Context(), startState()); err != nil {
		t.Fatal(err)
	}
	dec.(store.FaultyService).Inject(trouble)
	t.Cleanup(func() {
		if err := errors.Join(target.Close(), dec.Close()); err != nil {
			t.Error(err)
		}
	})
	return target, d, spec
}

// TestSoundWaysSettle: whatever is lost, late, doubled or refused on either side, and whoever dies meanwhile, in the end what the service
// took for an operation is what the shop sold for it; what was acknowledged is there, and what was not is not.
func TestSoundWaysSettle(t *testing.T) {
	for _, name := range []string{"outbox", "saga"} {
		for _, keyed := range []bool{false, true} {
			var recovered, takenBack int64
			for seed := range uint64(12) {
				t.Run(fmt.Sprintf("%s keyed %t seed %d", name, keyed, seed), func(t *testing.T) {
					s := &shop{rand: rand.New(rand.NewPCG(seed, 1)), luck: 3, keyed: keyed}
					target, d, _ := opened(t, name, s, store.Traits{}, store.ServiceFault{Refuse: 0.2, Hang: 0.01, Slow: 0.05, Twice: 0.2, Seed: seed})
					for round := range 2 {
						told := sell(t, target, round, seed, keyed)
						balanced(t, target, told)
					}
					recovered, takenBack = recovered+d.row.recovered.Load(), takenBack+d.row.compensations.Load()
				})
			}
			if recovered == 0 || takenBack == 0 {
				t.Errorf("%s, keyed %t: %d recovered, %d taken back", name, keyed, recovered, takenBack)
			}
		}
	}
}

// sell has four clients order and give back, and answers what they were told.
func sell(t *testing.T, target harness.Target, round int, seed uint64, keyed bool) map[int64]harness.Outcome {
	t.Helper()
	var mu sync.Mutex
	told := map[int64]harness.Outcome{}
	var clients sync.WaitGroup
	for c := range 4 {
		fence := int64(100*round + c)
		session, err := target.Session(t.Context(), harness.SessionOptions{Client: c, Fence: func() int64 { return fence }})
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, uint64(10*round+c)))
		clients.Go(func() {
			var held []int64
			for n := range 25 {
				id := harness.OpID(int32(10*round+c), n+1)
				op := order(id, 0, []harness.Outcome{harness.OK, harness.OK, harness.Rejected, harness.Failed}[r.IntN(4)])
				if len(held) > 0 && r.IntN(2) == 0 {
					op = order(id, held[0], []harness.Outcome{harness.OK, harness.Failed}[r.IntN(2)])
					held = held[1:]
				}
				res := attempts(t.Context(), session, op, keyed)
				mu.Lock()
				told[id] = res.Outcome
				mu.Unlock()
				if res.Outcome == harness.OK && op.Undoes == 0 {
					held = append(held, id)
				}
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
	return told
}

// attempts repeats what failed, and, where the store takes each operation once, what nobody knows.
func attempts(ctx context.Context, session harness.Session, op *harness.Op, keyed bool) harness.Result {
	unknown := false
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		res := session.Do(ctx, op)
		cancel()
		again := res.Outcome == harness.Failed && res.Conflict != harness.NoConflict || keyed && res.Outcome == harness.Unknown
		unknown = unknown || res.Outcome == harness.Unknown
		if !again || try == 5 {
			if res.Outcome == harness.Failed && unknown {
				res.Outcome = harness.Unknown // another attempt may have happened
			}
			return res
		}
	}
}

// balanced holds the two ledgers against each other and against what clients were told.
func balanced(t *testing.T, target harness.Target, told map[int64]harness.Outcome) {
	t.Helper()
	final, err := target.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sold, paid, entries := map[int64]int64{}, map[int64]int64{}, map[int64]map[harness.Cell]int64{}
	for _, e := range final.Entries {
		if e.Cell == 1 {
			sold[e.Op] -= e.Delta
		}
		if entries[e.Op] == nil {
			entries[e.Op] = map[harness.Cell]int64{}
		}
		entries[e.Op][e.Cell] += e.Delta
	}
	for _, c := range final.Charges {
		paid[c.Op] += c.Amount
	}
	for op, outcome := range told {
		net := entries[op]
		if sold[op] != paid[op] || net[1] != 10*net[0] || net[2] != -net[0] {
			t.Errorf("%s, sold for %d, paid %d, the journal has %v", outcome, sold[op], paid[op], net)
		}
		switch {
		case outcome == harness.OK && sold[op] == 0:
			t.Error("acknowledged, and not there")
		case (outcome == harness.Rejected || outcome == harness.Failed) && sold[op] != 0:
			t.Errorf("%s, and there", outcome)
		}
	}
	for op := range paid {
		if op < 0 {
			t.Errorf("the service has a charge for %d", op)
		}
	}
}

// TestRecoveryComesLast: who finishes what others left holds the highest token that they had.
func TestRecoveryComesLast(t *testing.T) {
	s := &shop{rand: rand.New(rand.NewPCG(1, 1))}
	target, d, _ := opened(t, "saga", s, store.Traits{}, store.ServiceFault{})
	token := int64(41)
	session, err := target.Session(t.Context(), harness.SessionOptions{Fence: func() int64 { token++; return token }})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	op := order(harness.OpID(0, 1), 0, harness.OK)
	if res := session.Do(t.Context(), op); res.Outcome != harness.OK {
		t.Fatalf("%+v", res)
	}
	d.row.fence.token.Store(99)
	u := d.row.book.open(order(harness.OpID(0, 2), 0, harness.OK))
	d.row.book.begun(u)
	s.now.Entries = append(s.now.Entries, harness.Entry{Op: u.op.ID, Cell: 0, Delta: -1, Version: 9})
	if _, err := target.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.fences); n == 0 || s.fences[n-1] != 99 {
		t.Errorf("fences %v, want 99 at last", s.fences)
	}
}

// TestPromises: what each way is said to let through, with what broken.
func TestPromises(t *testing.T) {
	for _, c := range []struct {
		way   string
		trait store.Traits
		fault string
		iso   promise.Isolation
		why   string // empty: safe
	}{
		{way: "call-inside"},
		{way: "call-inside", fault: "payment-slow"},
		{way: "call-inside", fault: "payment-refuse"},
		{way: "call-inside", fault: "payment-timeout", why: "no answer is taken for a refusal"},
		{way: "call-inside", fault: "payment-duplicate", why: "no idempotency key"},
		{way: "call-inside", trait: store.Traits{Severs: true}, why: "stays when the COMMIT fails"},
		{way: "call-inside", trait: store.Traits{Severs: true, Answered: true}},
		{way: "call-inside", trait: store.Traits{Kills: true}, why: "stays when the COMMIT fails"},
		{way: "call-inside", iso: promise.Isolation{Watches: true}, why: "refuses the COMMIT"},
		{way: "call-before", why: "before the seat turns out to be sold"},
		{way: "call-after", why: "before the card turns out to be declined"},
		{way: "outbox", trait: store.Traits{Severs: true, Kills: true}, fault: "payment-timeout", iso: promise.Isolation{Watches: true}},
		{way: "saga", trait: store.Traits{Severs: true, Kills: true}, fault: "payment-duplicate", iso: promise.Isolation{Watches: true}},
	} {
		_, _, spec := opened(t, c.way, &shop{}, c.trait, store.ServiceFault{})
		faults := Faults()
		if i := slices.IndexFunc(faults, func(d store.Component) bool { return d.Name == c.fault }); i >= 0 {
			f, err := faults[i].Open(t.Context(), store.ComponentOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if skip := f.Prepare(&spec); skip != "" {
				t.Error(skip)
			}
		}
		p := promise.Of(promise.Plan{Cover: promise.Locked}, spec.Samples, "a store", c.iso, spec.Env.Effects...)
		if p.Safe != (c.why == "") || !strings.Contains(p.Reason, c.why) || !p.Safe && p.Missing != promise.HazardSet(promise.DualWrite) {
			t.Errorf("%+v: %+v", c, p)
		}
	}
}

// TestNoSuchRow: without a service there is nothing to break, and without a Call nothing to ask.
func TestNoSuchRow(t *testing.T) {
	for _, table := range [][]store.Component{Table(), Faults()} {
		for _, d := range table {
			dec, err := d.Open(t.Context(), store.ComponentOptions{})
			if err != nil {
				t.Fatal(err)
			}
			plain := harness.Op{Steps: []harness.Step{{Kind: harness.Add, Delta: -1}}}
			if skip := dec.Prepare(&store.RowSpec{Samples: []harness.Op{plain}}); skip == "" {
				t.Errorf("%s around operations that ask nobody", d.Name)
			}
			if err := dec.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
