package reads

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// timeToLive is how long a cache answers with what it once read or wrote.
const timeToLive = 50 * time.Millisecond

// cache gives each application server a cache of its own. A server's own writes renew its entries; those of others reach it only
// when the entry's time is over. A server that is alone misses nobody's writes, though reads from the cache are no part of the
// transaction all the same.
func cacheComponent() store.Component {
	return store.Component{
		Name: "cache", PerServer: true, Endangers: promise.Elsewhere(true),
		Explain: "each application server answers reads from its own cache for 50 ms after it read or wrote the cell: it does not see what " +
			"other servers write meanwhile",
		Open: func(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
			return &cache{opt: opt}, nil
		},
	}
}

type cache struct {
	opt     store.ComponentOptions
	shelves []shelf // by server
	known   known
	readers []*cacheReader
}

func (d *cache) Prepare(spec *store.RowSpec) string {
	if spec.Level == harness.ReadUncommitted {
		return "at read-uncommitted a cache would keep what is taken back: caches are for read-committed and above"
	}
	in := promise.Effect{
		Name: "cache", Causes: promise.Elsewhere(d.opt.Servers > 1),
		Why: "a server decides on what is in its cache, where the other servers' writes do not arrive until the entry's time is over",
	}
	if d.opt.Servers == 1 {
		in.Why = "the decision rests on a read from the cache, outside of the transaction, and other clients write in between"
	}
	spec.Env.Elsewhere = true
	spec.Env.Effects = append(spec.Env.Effects, in)
	return ""
}

func (d *cache) Wrap(inner harness.Target) harness.Target {
	t := &target{Target: inner, ready: d.ready, open: d.session}
	if p, ok := inner.(store.InProcess); ok && p.InProcess() {
		return inProcess{t}
	}
	return t
}

// inProcess is a target in this process, which caches leave there.
type inProcess struct{ *target }

func (inProcess) InProcess() bool { return true }

func (d *cache) ready(_ context.Context, start *harness.State) error {
	d.known, d.shelves, d.readers = make(known, len(start.Values)), nil, nil
	for range d.opt.Servers {
		d.shelves = append(d.shelves, make(shelf, len(start.Values)))
	}
	return nil
}

func (d *cache) session(client int) source {
	r := &cacheReader{shelf: d.shelves[d.opt.ServerOf(client)], known: d.known}
	d.readers = append(d.readers, r)
	return r
}

// Figures are those of all clients together, once they are done.
func (d *cache) Figures() []store.Figure {
	var all cacheReader
	for _, r := range d.readers {
		all.hits += r.hits
		all.misses += r.misses
		all.stale += r.stale
		all.oldest = max(all.oldest, r.oldest)
	}
	hits := store.Figure{
		Name: "hits", Value: percent(all.hits, all.hits+all.misses), Unit: "% of reads that the caches answered", Of: all.hits + all.misses,
	}
	if d.opt.Joins {
		return []store.Figure{hits} // what other processes wrote is not known here, and so not how old a hit is
	}
	return []store.Figure{
		hits,
		{Name: "stale", Value: percent(all.stale, all.hits), Unit: "% of hits that a newer version was known of by then"},
		{Name: "stale-age", Value: millis(all.oldest), Unit: "ms in the cache, the oldest of these"},
	}
}

func (d *cache) Close() error { return nil }

// cacheReader is one client's way to its server's cache.
type cacheReader struct {
	shelf shelf
	known known
	cells []harness.Cell // scratch

	hits, misses, stale int64
	oldest              time.Duration // of the hits that were stale
}

func (r *cacheReader) Read(_ context.Context, c harness.Cell) (value, version int64, ok bool, err error) {
	now := time.Now()
	e := r.shelf.get(c, now)
	if e == nil {
		return 0, 0, false, nil
	}
	r.hits++
	if e.version < r.known.newest(c) {
		r.stale++
		r.oldest = max(r.oldest, now.Sub(e.at))
	}
	return e.value, e.version, true, nil
}

func (r *cacheReader) Keep(c harness.Cell, value, version int64) {
	r.misses++
	r.known.raise(c, version)
	r.shelf.put(c, &entry{value: value, version: version, at: time.Now()})
}

func (r *cacheReader) begin() {}

// end renews what the operation wrote where the client knows what is there now, and else forgets it. After a conflict, too: or
// every further attempt would meet the same old version. Where it does not know, the store is asked until it must have settled.
func (r *cacheReader) end(op *harness.Op, res *harness.Result) {
	r.known.learn(res)
	if res.Outcome == harness.Rejected {
		return
	}
	r.cells = op.Touches(r.cells[:0])
	for _, c := range r.cells {
		if r.shelf.drop(c); res.Outcome == harness.Unknown {
			r.shelf.doubt(c)
		}
	}
	if res.Outcome != harness.OK {
		return
	}
	for i := range res.Seen {
		a := &res.Seen[i]
		if a.Kind.Changes() && a.Delta != 0 && a.Value != harness.NotSeen && a.Version != harness.NotSeen {
			r.shelf.put(a.Cell, &entry{value: a.Value + a.Delta, version: a.Version + 1, at: time.Now()})
		}
	}
}
