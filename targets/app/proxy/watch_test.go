package proxy_test

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/wire"
)

// ways does something while somebody listens, while nobody does, and while that changes all the time.
func (f *front) ways(t *testing.T, name string, do func(*testing.T)) {
	t.Helper()
	t.Run(name+", heard", do)
	f.Watch(nil)
	if name != "large" { // it takes long
		t.Run(name+", not heard", do)
	}
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(i%7) * 30 * time.Microsecond):
				if f.Watch(nil); i%2 == 0 {
					f.Watch(&f.watcher)
				}
			}
		}
	}()
	t.Run(name+", now and then", do)
	close(stop)
	<-over
	f.Watch(&f.watcher)
}

// TestWatch: who begins to listen to a connection in a transaction knows the texts that were prepared before, what they are executed with and
// that it is in a transaction, and what it holds waits for what came before. What nobody listens to is counted.
func TestWatch(t *testing.T) {
	f := before(t, engineOf(t, "postgres", ""), "lastseat_app_watch", "")
	f.Watch(nil)
	c, ctx := pgOpen(t, f), t.Context()
	_, err := c.Exec(ctx, "CREATE TABLE seats (id INT PRIMARY KEY)")
	must(t, err)
	_, err = c.Prepare(ctx, "add", "INSERT INTO seats VALUES ($1)")
	must(t, err)
	tx, err := c.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, "add", 1)
	must(t, err)
	f.idleButInside(t)
	sent, counts := f.Batches(), f.Counts()
	if len(f.told()) > 0 || sent != 4 || counts.Statements != 3 || counts.Transactions != 1 || counts.Busy <= 0 {
		t.Errorf("%d batches told of %d, counted %+v", len(f.told()), sent, counts)
	}
	release := make(chan struct{})
	f.hold = func(b *proxy.Batch) <-chan struct{} {
		if !b.Inside || b.Requests[0].SQL != "INSERT INTO seats VALUES ($1)" || b.Requests[0].Params[0].Text != "2" {
			t.Errorf("arrived: %+v", b.Requests[0])
		}
		return release
	}
	f.Watch(&f.watcher)
	done := make(chan error)
	go func() {
		_, err := tx.Exec(ctx, "add", 2)
		done <- err
	}()
	select {
	case err := <-done:
		t.Error("not held", err)
	case <-time.After(20 * time.Millisecond):
	}
	f.Watch(nil) // it is held all the same, and its end told
	close(release)
	must(t, <-done)
	_, err = tx.Exec(ctx, "add", 2)
	if code(err) != "23505" {
		t.Error(err)
	}
	must(t, tx.Rollback(ctx))
	f.idle(t)
	if len(f.told()) != 1 || f.told()[0].Lost {
		t.Errorf("told of %d", len(f.told()))
	}
	counts = f.Counts()
	if counts.Statements != 6 || counts.Transactions != 2 || counts.Errors[wire.Error{Code: "23505"}] != 1 || len(counts.Errors) != 1 {
		t.Errorf("counted %+v", counts)
	}
	must(t, c.Close(ctx))
	for len(f.Conns()) > 0 {
		_ = harness.Sleep(ctx, time.Millisecond)
	}
	if after := f.Counts(); after.Statements != counts.Statements {
		t.Errorf("counted %+v once the connection has ended, %+v before", after, counts)
	}
}

// idleButInside wants one connection in a transaction, with nothing under way.
func (f *front) idleButInside(t *testing.T) {
	t.Helper()
	for range 2000 {
		if unanswered, inside := f.Conns()[0].Busy(); !unanswered && inside {
			return
		}
		_ = harness.Sleep(t.Context(), time.Millisecond)
	}
	t.Error("the connection is not in a transaction")
}

// TestHeldBehindUnheard: a batch that is held is told of once those before it, to which nobody listened, are answered.
func TestHeldBehindUnheard(t *testing.T) {
	f := before(t, engineOf(t, "postgres", ""), "lastseat_app_behind", "")
	f.Watch(nil)
	c, ctx := pgOpen(t, f), t.Context()
	p := c.PgConn().StartPipeline(ctx)
	p.SendQueryParams("SELECT pg_sleep(0.2)", nil, nil, nil, nil)
	must(t, p.Sync())
	for busy := false; !busy; { // it is under way
		busy, _ = f.Conns()[0].Busy()
	}
	begun, waited := time.Now(), time.Duration(0)
	f.hold = func(*proxy.Batch) <-chan struct{} {
		waited = time.Since(begun)
		return nil
	}
	f.Watch(&f.watcher)
	p.SendQueryParams("SELECT 1", nil, nil, nil, nil)
	must(t, p.Sync())
	must(t, p.Close())
	if f.idle(t); len(f.told()) != 1 || waited < 150*time.Millisecond {
		t.Errorf("told of %d, after %v", len(f.told()), waited)
	}
}
