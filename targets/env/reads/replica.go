package reads

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// replicaKind is a way in which a replica answers reads.
type replicaKind struct {
	waits  waiting
	effect promise.Effect
	reads  store.Figure // how many it answered, without the value
	// open makes the replica, or says why there is none.
	open func(ctx context.Context, opt store.ComponentOptions) (made store.Replica, skip string, err error)
	// measured is what else is known of all readers together.
	measured func(all *replicaReader) []store.Figure
}

// waiting says which reads wait until the replica shows whatever was committed before.
type waiting uint8

const (
	// afterConflict: only the first read after a conflict, or the client would meet the version again that it lost to.
	afterConflict waiting = iota
	// firstRead: the first of each attempt, with whatever lock it holds by then. What follows is at least as new.
	firstRead
	everyRead
)

// replica has reads answered by a copy of the store, while writes go to the store itself.
type replica struct {
	kind  *replicaKind
	joins bool          // other processes have clients, too
	skip  string        // why there are no such rows
	store store.Replica // nil where there are none

	known   known
	readers []*replicaReader
}

func (k *replicaKind) instance(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
	made, skip, err := k.open(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &replica{kind: k, joins: opt.Joins, skip: skip, store: made}, nil
}

func (d *replica) Prepare(spec *store.RowSpec) string {
	if d.skip != "" {
		return d.skip
	}
	spec.Env.Elsewhere = true
	spec.Env.Effects = append(spec.Env.Effects, d.kind.effect)
	return ""
}

func (d *replica) Wrap(inner harness.Target) harness.Target {
	return &target{Target: inner, ready: d.ready, open: d.session}
}

// ready waits until the replica has the row's tables.
func (d *replica) ready(ctx context.Context, start *harness.State) error {
	d.known, d.readers = make(known, len(start.Values)), nil
	return d.store.Ready(ctx, start)
}

func (d *replica) session(client int) source {
	r := &replicaReader{d: d, client: client}
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
	reads := d.kind.reads
	reads.Value = float64(all.answered)
	if d.joins { // what other processes wrote is not known here, and so not how old a read is
		return append([]store.Figure{reads}, all.catchingUp()...)
	}
	stale := store.Figure{
		Name: "stale", Value: percent(all.stale, all.answered), Unit: "% of these that a newer version was known of before they were asked",
	}
	return append([]store.Figure{reads, stale}, d.kind.measured(&all)...)
}

// Share is where other processes find the replica; empty: they find it by themselves.
func (d *replica) Share() (string, error) {
	if s, ok := d.store.(store.Shareable); ok {
		return s.Share()
	}
	return "", nil
}

// Close ends the replica.
func (d *replica) Close() error {
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}
