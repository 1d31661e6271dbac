package reads

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

const (
	// replicaDelay is how long after its commit the replica shows a transaction at the earliest.
	replicaDelay   = 5 * time.Millisecond
	connectTimeout = 10 * time.Second
	stopTimeout    = 30 * time.Second
	// sessionName tells the readers' sessions from the run's own, which the store waits for.
	sessionName = "lastseat-reads"
	// primaryLines is how many clients ask the primary at the same time where its log ends.
	primaryLines = 4
)

// replica has reads answered by a streaming standby, while writes go to the primary. What was written last is not there yet. After a
// conflict a client waits until the replica is where the primary is by then: or it would meet the version again that it lost to.
func replicaComponent() store.Component {
	return store.Component{
		Name: "replica", PerServer: true, Endangers: promise.Elsewhere(true),
		Explain: "a real streaming standby answers reads, and shows each commit 5 ms late (recovery_min_apply_delay), as one over a network " +
			"may: clients do not see what was just written",
		Open: func(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
			return openReplica(ctx, opt, false, promise.Effect{
				Name: "replica", Causes: promise.Elsewhere(true),
				Why: "the decision rests on a read from the replica, which shows what the primary held some milliseconds ago",
			})
		},
	}
}

// replica-lsn asks the primary where its log ends, and reads once the replica has replayed it up to there: whatever was committed
// before is seen. The read is no part of the transaction all the same, so it takes a lock to keep others from writing in between.
func byLSNComponent() store.Component {
	return store.Component{
		Name: "replica-lsn", PerServer: true, Endangers: promise.Elsewhere(false),
		Explain: "reads wait until the same standby has replayed what the primary has written by then (its LSN), so they are never stale; " +
			"but they are no part of the transaction",
		Open: func(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
			return openReplica(ctx, opt, true, promise.Effect{
				Name: "replica-lsn", Causes: promise.Elsewhere(false),
				Why: "the decision rests on a read from the replica, outside of the transaction, and other clients write in between",
			})
		},
	}
}

// followed is a server of which standbys can be made.
type followed interface {
	store.Connectable
	Standby(ctx context.Context, opts local.StandbyOptions) (*local.Server, error)
}

type replica struct {
	skip    string // why there are no such rows
	byLSN   bool
	effect  promise.Effect
	server  *local.Server
	standby *lines
	primary *lines

	known   known
	schema  string   // of the run
	reads   []string // by group: id → value, version, how many microseconds ago the last commit was that the replica shows
	start   *harness.State
	readers []*replicaReader
}

func openReplica(ctx context.Context, opt store.ComponentOptions, byLSN bool, in promise.Effect) (store.Instance, error) {
	d := &replica{byLSN: byLSN, effect: in, skip: "a replica is made of a throwaway PostgreSQL only: one that lastseat starts itself"}
	primary, ok := opt.Store.(followed)
	if !ok {
		return d, nil
	}
	server, err := primary.Standby(ctx, local.StandbyOptions{Delay: replicaDelay})
	var missing *local.NotFoundError
	switch {
	case errors.Is(err, local.ErrNoStandby):
		return d, nil
	case errors.As(err, &missing):
		return nil, &store.MissingError{Hint: missing.Hint}
	case err != nil:
		return nil, err
	}
	d.skip, d.server = "", server
	if err := d.connect(primary, max(opt.Clients, 1)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// connect says how the run's schema is reached on the primary and on the standby. Nothing is opened yet.
func (d *replica) connect(store store.Connectable, clients int) error {
	info, err := store.ConnInfo(harness.NoLevel)
	if err != nil {
		return err
	}
	d.schema = info.Schema
	primary, err := pgx.ParseConfig(info.DSN)
	if err != nil {
		return errors.New("connect to the primary: its DSN cannot be read") // the driver's error quotes it
	}
	there, err := pgx.ParseConfig(d.server.DSN())
	if err != nil {
		return fmt.Errorf("connect to the replica: %w", err)
	}
	primary.RuntimeParams["application_name"] = sessionName
	primary.ConnectTimeout = connectTimeout
	standby := primary.Copy()
	standby.Host, standby.Port = there.Host, there.Port
	d.primary, d.standby = newLines("the primary", primary, primaryLines), newLines("the replica", standby, clients)
	return nil
}

func (d *replica) Prepare(spec *store.RowSpec) string {
	if d.skip != "" {
		return d.skip
	}
	spec.Env.Elsewhere = true
	spec.Env.Effects = append(spec.Env.Effects, d.effect)
	return ""
}

func (d *replica) Wrap(inner harness.Target) harness.Target {
	return &target{Target: inner, ready: d.ready, open: d.session}
}

// ready waits until the replica has the row's tables.
func (d *replica) ready(ctx context.Context, start *harness.State) error {
	d.start, d.known, d.reads, d.readers = start, make(known, len(start.Values)), nil, nil
	for i := range start.Groups {
		g := &start.Groups[i]
		d.reads = append(d.reads, fmt.Sprintf("SELECT %s, version, COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - "+
			"pg_last_xact_replay_timestamp()) * 1000000, 0)::bigint FROM %s.%s WHERE id = $1", g.Column, d.schema, g.Table))
	}
	return d.standby.with(ctx, func(c *pgx.Conn) error { return d.catchUp(ctx, c) })
}

// catchUp waits until the standby that c leads to shows whatever was committed on the primary before.
func (d *replica) catchUp(ctx context.Context, c *pgx.Conn) error {
	var end lsn
	err := d.primary.with(ctx, func(c *pgx.Conn) (err error) {
		end, err = insertEnd(ctx, c)
		return err
	})
	for err == nil {
		var there bool
		if there, err = replayed(ctx, c, end); there {
			return nil
		}
		if err == nil {
			err = d.primary.with(ctx, func(c *pgx.Conn) error { return flush(ctx, c) })
		}
	}
	return err
}

func (d *replica) session(int) source {
	r := &replicaReader{d: d}
	d.readers = append(d.readers, r)
	return r
}

// Figures are those of all clients together, once they are done.
func (d *replica) Figures() []store.Figure {
	var all replicaReader
	for _, r := range d.readers {
		all.answered += r.answered
		all.stale += r.stale
		all.waits += r.waits
		all.waited += r.waited
		all.behind = max(all.behind, r.behind)
	}
	figures := []store.Figure{
		{Name: "replica-reads", Value: float64(all.answered), Unit: "reads that the replica answered"},
		{Name: "stale", Value: percent(all.stale, all.answered), Unit: "% of these that a newer version was known of before they were asked"},
	}
	if !d.byLSN {
		return append(figures, store.Figure{
			Name: "behind", Value: millis(all.behind), Unit: "ms since the last commit that the replica had shown, the most at a stale read",
		})
	}
	mean := 0.0
	if all.waits > 0 {
		mean = millis(all.waited / time.Duration(all.waits))
	}
	return append(figures, store.Figure{Name: "catching-up", Value: mean, Unit: "ms that an attempt waited for the replica, on average"})
}

// Close ends the connections and the replica.
func (d *replica) Close() error {
	for _, l := range []*lines{d.standby, d.primary} {
		if l != nil {
			l.close()
		}
	}
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return d.server.Stop(ctx)
}
