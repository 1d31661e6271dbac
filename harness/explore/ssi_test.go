package explore_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
)

// ssi is a store with serializable snapshot isolation as PostgreSQL does it (predicate.c): rows with locks, snapshots, first updater
// wins, an edge for each read that was written over, and the three places where somebody is refused.
type ssi struct {
	committed []version // by row
	owner     []*ssiTx  // by row: whose uncommitted version or lock it has
	all       []*ssiTx
	seq       int
	rows      bool // edges go by rows; by the table otherwise
	letGo     sync.Mutex
}

type version struct {
	value int
	by    *ssiTx // nil: it was there from the start
}

type ssiTx struct {
	name                   int
	snapshot, commit       int // commit: 0 while it is under way
	rows                   []version
	reads, writes          map[int]bool
	wrote                  map[int]int
	in, out                []*ssiTx // edges, in the order in which they came
	doomed, over, outFirst bool
	waits                  *ssiTx
}

var errRefused = fmt.Errorf("could not serialize access")

func newSSI(rows int, fine bool) *ssi {
	return &ssi{committed: make([]version, rows), owner: make([]*ssiTx, rows), rows: fine}
}

func (s *ssi) begin(name int) *ssiTx {
	x := &ssiTx{name: name, snapshot: s.seq, rows: slices.Clone(s.committed), reads: map[int]bool{}, writes: map[int]bool{}, wrote: map[int]int{}}
	s.all = append(s.all, x)
	return x
}

func (x *ssiTx) done() bool { return x.commit > 0 }

// concurrent transactions that are not taken back are those that can have edges.
func concurrent(a, b *ssiTx) bool {
	return a != b && !a.over && !b.over && (a.commit == 0 || a.commit > b.snapshot) && (b.commit == 0 || b.commit > a.snapshot)
}

func (s *ssi) touches(set map[int]bool, row int) bool { return set[row] || !s.rows && len(set) > 0 }

func (s *ssi) read(x *ssiTx, row int) (int, error) {
	if x.doomed {
		return 0, s.abort(x)
	}
	x.reads[row] = true
	for _, w := range s.all {
		if concurrent(x, w) && s.touches(w.writes, row) {
			if err := s.edge(x, w, x); err != nil {
				return 0, err
			}
		}
	}
	if v, ok := x.wrote[row]; ok {
		return v, nil
	}
	return x.rows[row].value, nil
}

// hold waits for a row's lock; blocked is asked again and again.
func (s *ssi) hold(x *ssiTx, row int, blocked func() error) error {
	if x.doomed {
		return s.abort(x)
	}
	for s.owner[row] != nil && s.owner[row] != x {
		if x.waits = s.owner[row]; s.circle(x) {
			return s.abort(x)
		}
		if err := blocked(); err != nil {
			return err
		}
	}
	x.waits = nil
	if s.committed[row] != x.rows[row] {
		return s.abort(x) // first updater wins
	}
	s.owner[row] = x
	return nil
}

// circle: x waits for somebody who waits for it, a deadlock.
func (s *ssi) circle(x *ssiTx) bool {
	at := x.waits
	for range s.all {
		if at == nil || at == x {
			break
		}
		at = at.waits
	}
	return at == x
}

func (s *ssi) write(x *ssiTx, row, value int, blocked func() error) error {
	if err := s.hold(x, row, blocked); err != nil {
		return err
	}
	if x.doomed {
		return s.abort(x)
	}
	for _, r := range s.all {
		if concurrent(r, x) && s.touches(r.reads, row) {
			if err := s.edge(r, x, x); err != nil {
				return err
			}
		}
	}
	x.writes[row], x.wrote[row] = true, value
	return nil
}

// edge notes that w wrote over what r read, because me acted.
func (s *ssi) edge(r, w, me *ssiTx) error {
	if slices.Contains(w.in, r) {
		return nil
	}
	failure := w.done() && w.outFirst
	for _, t2 := range w.out {
		failure = failure || t2.done() && (!r.done() || t2.commit <= r.commit) && (!w.done() || t2.commit <= w.commit)
	}
	if w.done() {
		for _, t0 := range r.in {
			failure = failure || !t0.doomed && (!t0.done() || t0.commit >= w.commit)
		}
	}
	switch {
	case failure && (me == w || w.done()):
		return s.abort(me)
	case failure:
		w.doomed = true
	}
	r.out, w.in = append(r.out, w), append(w.in, r)
	return nil
}

func (s *ssi) end(x *ssiTx) {
	for row := range s.owner {
		if s.owner[row] == x {
			s.owner[row] = nil
		}
	}
}

func (s *ssi) abort(x *ssiTx) error {
	s.letGo.Lock() // of those that are let go at the end, all are taken back at once
	defer s.letGo.Unlock()
	x.over, x.waits = true, nil
	for _, o := range s.all {
		o.in = slices.DeleteFunc(o.in, func(t *ssiTx) bool { return t == x })
		o.out = slices.DeleteFunc(o.out, func(t *ssiTx) bool { return t == x })
	}
	s.end(x)
	return errRefused
}

func (s *ssi) commit(x *ssiTx) error {
	if x.doomed {
		return s.abort(x)
	}
	for _, near := range x.in {
		if near.done() || near.doomed {
			continue
		}
		for _, far := range near.in {
			if far == x || !far.done() && !far.doomed {
				near.doomed = true
				break
			}
		}
	}
	s.seq++
	x.commit = s.seq
	x.outFirst = slices.ContainsFunc(x.out, (*ssiTx).done)
	for row, v := range x.wrote {
		s.committed[row] = version{v, x}
	}
	s.end(x)
	return nil
}

// program is the steps of a client: r0, l1 (lock), w1; and c or b (commit, rollback) at the end.
type program []string

// explored is what came of all schedules: which outcomes there are.
func explored(t require, programs []program, rows int, fine, full bool) (explore.Found, map[string]bool) {
	var store *ssi
	results := make([]string, len(programs))
	var works []explore.Work
	for i, p := range programs {
		works = append(works, func(ctx context.Context, hook harness.Hook) {
			results[i] = p.run(ctx, i, hook, func() *ssi { return store })
		})
	}
	crew := explore.NewCrew(works, explore.Config{Traits: explore.Traits{TxSnapshot: true, Watches: true, Structures: true, Aborts: true}})
	defer crew.Close()
	store = newSSI(rows, fine)
	outcomes := map[string]bool{}
	s := explore.Search{Full: full, Lanes: []explore.Lane{{Player: crew, Clear: func(context.Context) error {
		store = newSSI(rows, fine)
		return nil
	}, Each: func(context.Context, explore.Schedule) (explore.Judged, error) {
		what := strings.Join(results, " ")
		for _, v := range store.committed {
			what += fmt.Sprint(" ", v.value)
		}
		outcomes[what] = true
		store = newSSI(rows, fine)
		return explore.Judged{}, nil
	}}}}
	found, err := s.Run(context.Background())
	if err != nil {
		t.Fatalf("%v: %v", programs, err)
	}
	return found, outcomes
}

// require is what of a test is needed here.
type require interface {
	Fatalf(format string, args ...any)
}

// run does the program's steps as client i, and answers what it was told.
func (p program) run(ctx context.Context, i int, hook harness.Hook, store func() *ssi) string {
	var x *ssiTx
	told := ""
	_ = hook(ctx, harness.Action{Point: harness.AtBegin})
	for _, step := range p {
		points := map[byte]harness.Point{'r': harness.AtRead, 'l': harness.AtLock, 'w': harness.AtWrite, 'c': harness.AtCommit, 'b': harness.AtRollback}
		a := harness.Action{Point: points[step[0]], SQL: step}
		row := 0
		if len(step) > 1 {
			row = int(step[1] - '0')
			a.Table, a.Cells = "t", []harness.Cell{harness.Cell(row)}
		}
		if hook(ctx, a) != nil {
			if x != nil {
				_ = store().abort(x)
			}
			return "let go"
		}
		s := store()
		if x == nil {
			x = s.begin(i)
		}
		blocked := func() error { return hook(ctx, harness.Action{Point: harness.AtBlocked}) }
		var err error
		switch step[0] {
		case 'r':
			var v int
			v, err = s.read(x, row)
			told += fmt.Sprint(step, "=", v, ",")
		case 'l':
			if err = s.hold(x, row, blocked); err == nil {
				_, err = s.read(x, row)
			}
		case 'w':
			err = s.write(x, row, 1<<i, blocked)
		case 'c':
			err = s.commit(x)
		case 'b':
			_ = s.abort(x)
			return told + "back"
		}
		_ = hook(ctx, harness.Action{Point: harness.AtAnswer, Err: err})
		if err != nil {
			if !x.over {
				_ = s.abort(x)
			}
			if hook(ctx, harness.Action{Point: harness.AtRollback}) != nil {
				return "let go"
			}
			return "refused"
		}
	}
	return told + "ok"
}

// compare runs all schedules and the reduced ones, and holds that they have the same outcomes.
func compare(t require, programs []program, rows int, fine bool) (full, reduced int) {
	f, all := explored(t, programs, rows, fine, true)
	r, some := explored(t, programs, rows, fine, false)
	if !f.Exhaustive || !r.Exhaustive {
		t.Fatalf("%v: not all were run", programs)
	}
	if !maps.Equal(all, some) {
		for what := range all {
			if !some[what] {
				t.Fatalf("%v, rows %v: some of %d schedules end in %q, and none of %d reduced ones", programs, fine, f.Run, what, r.Run)
			}
		}
		t.Fatalf("%v: the reduced ones end in more: %v, %v", programs, all, some)
	}
	return f.Run, r.Run
}

// TestStructuresAreComplete: under serializable snapshot isolation the schedules that are left have all outcomes, of programs in which
// skews of two and of three, read-only transactions, locks and rollbacks come.
func TestStructuresAreComplete(t *testing.T) {
	for _, c := range []struct {
		name     string
		programs []program
		rows     int
	}{
		{"write skew", []program{{"r0", "r1", "w0", "c"}, {"r0", "r1", "w1", "c"}}, 2},
		{"one row", []program{{"r0", "w0", "c"}, {"r0", "w0", "c"}, {"r0", "w0", "c"}}, 1},
		{"skew beside one who reads", []program{{"r0", "w1", "c"}, {"r1", "w0", "c"}, {"r0", "r1", "c"}}, 2},
		{"skew beside a lock", []program{{"r0", "r1", "w0", "c"}, {"r0", "r1", "w1", "c"}, {"l0", "c"}}, 2},
		{"a circle of three", []program{{"r0", "w1", "c"}, {"r1", "w2", "c"}, {"r2", "w0", "c"}}, 3},
		{"all read what all write", []program{{"r0", "w0", "c"}, {"r0", "w1", "c"}, {"r0", "w2", "c"}}, 3},
		{"two who skew, and one who writes what both read", []program{{"r1", "r2", "w0", "c"}, {"r0", "r2", "w1", "c"}, {"w2", "c"}}, 3},
		{"one that is refused before another is taken back", []program{{"w0", "c"}, {"r0", "b"}, {"w1", "r0", "b"}}, 2},
		{"one that is taken back", []program{{"r0", "r1", "w0", "b"}, {"r0", "w0", "c"}, {"r1", "w0", "c"}}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, fine := range []bool{true, false} {
				full, reduced := compare(t, c.programs, c.rows, fine)
				t.Logf("rows %v: %d schedules in full, %d reduced", fine, full, reduced)
			}
		})
	}
}

// TestDrawnStructuresAreComplete draws the programs.
func TestDrawnStructuresAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var programs []program
		for range 3 {
			steps := rapid.SliceOfN(rapid.SampledFrom([]string{"r0", "r1", "r2", "w0", "w1", "w2", "l0"}), 1, 3).Draw(t, "steps")
			programs = append(programs, append(program(steps), rapid.SampledFrom([]string{"c", "c", "c", "b"}).Draw(t, "end")))
		}
		compare(t, programs, 3, rapid.Bool().Draw(t, "rows"))
	})
}
