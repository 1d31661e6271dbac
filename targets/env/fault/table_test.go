package fault_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/wire"
)

// victim is a server that can be killed.
type victim struct {
	mu             sync.Mutex
	kills, returns int
	killed         chan struct{} // told each time
	restart        func(ctx context.Context) error
}

func newVictim() *victim { return &victim{killed: make(chan struct{}, 100)} }

func (v *victim) Kill() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kills++
	v.killed <- struct{}{}
	return nil
}

func (v *victim) Restart(ctx context.Context) error {
	if v.restart != nil {
		if err := v.restart(ctx); err != nil {
			return err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.returns++
	return ctx.Err()
}

func (v *victim) count() (kills, returns int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.kills, v.returns
}

// idle is a Server whose rows do nothing.
type idle struct {
	store.Server
	product string
	mortal  store.Mortal
	refusal error
}

func (s idle) Info() store.ServerInfo        { return store.ServerInfo{Product: s.product} }
func (s idle) Mortal() (store.Mortal, error) { return s.mortal, s.refusal }

// nothing is a Target that gives its sessions' options away.
type nothing struct {
	harness.Target
	opt harness.SessionOptions
}

func (n *nothing) Setup(context.Context, harness.State) error { return nil }

func (n *nothing) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	n.opt = opt
	return nil, nil
}

func open(t *testing.T, name string, s store.Server) store.Instance {
	t.Helper()
	all := fault.Table()
	i := slices.IndexFunc(all, func(d store.Component) bool { return d.Name == name })
	d, err := all[i].Open(t.Context(), store.ComponentOptions{Store: s, Servers: 1, Clients: 1})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

// victims is a client that is always served.
func victims(note func(string) func()) store.Victims {
	var n atomic.Int64
	return store.Victims{Turn: 1, Served: func() int64 { return n.Add(1) }, Note: note, Rand: rand.New(rand.NewPCG(1, 2))}
}

// inject runs a Nemesis until done is told, and answers its faults.
func torment(t *testing.T, d store.Instance, done <-chan struct{}) (faults, mended int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-done
		cancel()
	}()
	must(t, d.(store.Nemesis).Inject(ctx, victims(func(string) func() {
		faults++
		return func() { mended++ }
	})))
	return faults, mended
}

// TestKillServerEndsWithTheServerBack: also where the round is over in the middle of a restart.
func TestKillServerEndsWithTheServerBack(t *testing.T) {
	v, over := newVictim(), make(chan struct{})
	v.restart = func(ctx context.Context) error {
		close(over)
		return ctx.Err()
	}
	d := open(t, "kill-server", idle{mortal: v})
	var spec store.RowSpec
	if skip := d.Prepare(&spec); skip != "" || !spec.Env.Patient || spec.Env.Route != nil {
		t.Fatalf("%q, %+v", skip, spec.Env)
	}
	must(t, d.Wrap(&nothing{}).Setup(t.Context(), harness.State{}))
	faults, mended := torment(t, d, over)
	if kills, returns := v.count(); kills != 1 || returns != 1 || faults != 1 || mended != 1 {
		t.Errorf("%d kills, %d returns, %d faults, %d mended", kills, returns, faults, mended)
	}
	if f := d.(store.Figured).Figures()[0]; f.Value != 1 {
		t.Errorf("%+v", f)
	}
}

func TestKillServerSaysWhyNot(t *testing.T) {
	d := open(t, "kill-server", idle{refusal: errors.New("it is yours")})
	if skip := d.Prepare(&store.RowSpec{}); skip != "it is yours" {
		t.Error(skip)
	}
	v := newVictim()
	v.restart = func(context.Context) error { return errors.New("disk full") }
	d = open(t, "kill-server", idle{mortal: v})
	d.Prepare(&store.RowSpec{})
	must(t, d.Wrap(&nothing{}).Setup(t.Context(), harness.State{}))
	err := d.(store.Nemesis).Inject(t.Context(), victims(func(string) func() { return func() {} }))
	if !errors.Is(err, harness.ErrServerLost) {
		t.Error(err)
	}
}

// redundant is a Server whose standby does all that it is told.
type redundant struct {
	idle
	caughtUp *int
}

func (redundant) NoStandby() string { return "" }
func (r redundant) Standby(context.Context, bool) (store.Standby, error) {
	return obedient{r.caughtUp}, nil
}

type obedient struct{ caughtUp *int }

func (o obedient) CatchUp(context.Context) error { *o.caughtUp++; return nil }
func (obedient) Cut(context.Context) error       { return nil }
func (obedient) TakeOver(context.Context) error  { return nil }
func (obedient) Close(context.Context) error     { return nil }

// TestFailoverOnceARow: each row has a standby, which has what the row begins with, takes over once, and is counted for that row alone.
func TestFailoverOnceARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caughtUp := 0
		d := open(t, "failover", redundant{caughtUp: &caughtUp})
		for row := range 2 {
			if skip := d.Prepare(&store.RowSpec{}); skip != "" {
				t.Fatal(skip)
			}
			must(t, d.Wrap(&nothing{}).Setup(t.Context(), harness.State{}))
			for range 2 { // rounds
				over, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				torment(t, d, over.Done())
			}
			if got := d.(store.Figured).Figures()[0].Value; got != 1 || caughtUp != row+1 {
				t.Errorf("row %d: %v failovers, and standbys caught up %d times", row, got, caughtUp)
			}
		}
	})
}

// TestKillLockServerKillsThoseOfTheRow: the row that runs, not the one that was prepared last.
func TestKillLockServerKillsThoseOfTheRow(t *testing.T) {
	d := open(t, "kill-lock-server", idle{})
	if skip := d.Prepare(&store.RowSpec{}); skip == "" {
		t.Error("a row without locks was not skipped")
	}
	mine, other := newVictim(), newVictim()
	d.Prepare(&store.RowSpec{Env: store.Env{Locks: []store.Mortal{mine}}})
	row := d.Wrap(&nothing{})
	d.Prepare(&store.RowSpec{Env: store.Env{Locks: []store.Mortal{other}}})
	d.Wrap(&nothing{})
	must(t, row.Setup(t.Context(), harness.State{}))
	torment(t, d, mine.killed)
	kills, returns := mine.count()
	if others, _ := other.count(); kills != 1 || returns != 1 || others != 0 {
		t.Errorf("%d kills, %d returns, %d of another row's", kills, returns, others)
	}
}

// spoken is a store whose clients speak a protocol.
type spoken struct{ idle }

func (spoken) Wire() wire.Protocol { return wire.MySQL() }

// TestCutAfterCommitNeedsAProtocol: the store says what it speaks, whatever its name is.
func TestCutAfterCommitNeedsAProtocol(t *testing.T) {
	if skip := open(t, "cut-after-commit", idle{product: "PostgreSQL"}).Prepare(&store.RowSpec{}); skip == "" {
		t.Error("the row was not skipped")
	}
	if skip := open(t, "cut-after-commit", spoken{idle{product: "abacus"}}).Prepare(&store.RowSpec{}); skip != "" {
		t.Error(skip)
	}
}

// TestHoldersStrikeInTheGap: seldom, the same at each run, and nowhere else. By a simulated clock nobody but the fault takes time.
func TestHoldersStrikeInTheGap(t *testing.T) { synctest.Test(t, holdersStrike) }

func holdersStrike(t *testing.T) {
	const times = 2000
	struck := func(name string, p harness.Point, times int) (hits []int) {
		inner := &nothing{}
		d := open(t, name, idle{})
		row := d.Wrap(inner)
		must(t, row.Setup(t.Context(), harness.State{}))
		_, err := row.Session(t.Context(), harness.SessionOptions{Client: 3})
		must(t, err)
		for i := range times {
			from := time.Now()
			switch err := inner.opt.Hook.At(t.Context(), p); {
			case errors.Is(err, harness.ErrCrashed), err == nil && time.Since(from) > 0:
				hits = append(hits, i)
			case err != nil:
				t.Fatal(err)
			}
		}
		if f := d.(store.Figured).Figures()[0]; int(f.Value) > len(hits) || len(hits) > 0 && f.Value == 0 {
			t.Errorf("%d hits, %+v", len(hits), f)
		}
		return hits
	}
	once := struck("crash-holder", harness.AtGap, times)
	if len(once) < times/100 || len(once) > times/20 {
		t.Errorf("%d of %d were struck", len(once), times)
	}
	if again := struck("crash-holder", harness.AtGap, times); !slices.Equal(once, again) {
		t.Error("the same client was struck elsewhere")
	}
	if elsewhere := struck("crash-holder", harness.AtCommit, times); len(elsewhere) > 0 {
		t.Errorf("struck at commit: %v", elsewhere)
	}
	if len(struck("pause-holder", harness.AtGap, once[0]+1)) == 0 {
		t.Error("nobody paused")
	}
}

// TestTable: every fault has a word of its own, says what it is, and opens without its server.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range fault.Table() {
		if seen[d.Name] || d.Explain == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		open(t, d.Name, idle{product: "PostgreSQL", mortal: newVictim()})
	}
}
