package retry

import (
	"context"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

const staleName = "retry-stale"

// retry-stale begins the transaction again after a conflict, but not the reading: it writes what it computed from the values of
// the attempt that was refused. It needs that there are no conflicts. The next snapshot is newer than those values, so nothing
// refuses the second attempt.
func stale() store.Component {
	return store.Component{
		Name:      staleName,
		Endangers: promise.HazardSet(promise.StaleRead),
		Explain:   "after a conflict writes again what it read before it: the level's refusal protects nothing",
		Open: policy{
			prepare: func(spec *store.RowSpec) {
				spec.Env.Elsewhere = true
				spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
					Name: staleName, Causes: promise.HazardSet(promise.StaleRead), OnConflict: true,
					Why: "the client tries again after a conflict without reading again, and writes what is old by then",
				})
			},
			session: remembering,
		}.open,
	}
}

func remembering(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error) {
	m := &memory{next: opt.Reader}
	opt.Reader = m
	s, err := inner.Session(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &forgetful{Session: s, memory: m}, nil
}

// forgetful is a client that forgets to read again.
type forgetful struct {
	harness.Session
	memory  *memory
	refused int64 // the operation whose last attempt met a conflict; 0: none did
}

// Do makes an attempt at op with what an earlier one at the same op has read.
func (f *forgetful) Do(ctx context.Context, op *harness.Op) harness.Result {
	if op.ID != f.refused {
		f.memory.kept = f.memory.kept[:0]
	}
	f.refused = 0
	res := f.Session.Do(ctx, op)
	if res.Outcome == harness.Failed && res.Conflict != harness.NoConflict {
		f.refused = op.ID
	}
	return res
}

// memory answers reads with what an operation was told the first time.
type memory struct {
	next harness.Reader // asked for what was not read yet; nil: nobody is
	kept []harness.Access
}

// Read implements harness.Reader.
func (m *memory) Read(ctx context.Context, c harness.Cell) (value, version int64, ok bool, err error) {
	if i := slices.IndexFunc(m.kept, func(a harness.Access) bool { return a.Cell == c }); i >= 0 {
		return m.kept[i].Value, m.kept[i].Version, true, nil
	}
	if m.next == nil {
		return 0, 0, false, nil
	}
	if value, version, ok, err = m.next.Read(ctx, c); ok && err == nil {
		m.keep(c, value, version)
	}
	return value, version, ok, err
}

// Keep implements harness.Reader.
func (m *memory) Keep(c harness.Cell, value, version int64) {
	m.keep(c, value, version)
	if m.next != nil {
		m.next.Keep(c, value, version)
	}
}

func (m *memory) keep(c harness.Cell, value, version int64) {
	m.kept = append(m.kept, harness.Access{Cell: c, Value: value, Version: version})
}
