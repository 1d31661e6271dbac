package sqldb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// target is one row: a strategy at a level on a server.
type target struct {
	server   *Server
	nodes    []*Server // of a cluster; server is the first
	pool     *pool     // of server
	aside    *pool     // to where transactions go that only read; nil: they have no place of their own
	dialect  *Dialect
	strategy *Strategy
	level    harness.Level
	hook     harness.Hook
	around   store.Env
	start    harness.State
	names    names // of its tables in statements

	groups   []statements // by group
	ofCell   []int        // group of each cell
	journals []string     // insert of n entries, by n
	touches  map[string]touch
	// What reads the state, and what makes it again what it was.
	questions, restore []string
	reset              Reset // of the server's settings; nil: they are its own
}

// at is the statements for a cell and its id in its table.
func (t *target) at(c harness.Cell) (*statements, int64) {
	g := t.ofCell[c]
	return &t.groups[g], int64(c - t.start.Groups[g].First)
}

// group is the cell's group.
func (t *target) group(c harness.Cell) *harness.Group { return &t.start.Groups[t.ofCell[c]] }

// table is the cell's table, as statements name it.
func (t *target) table(c harness.Cell) string { return t.names.of(t.group(c).Table) }

func (t *target) journalInsert(n int) string { return t.journals[n] }

func (t *target) prepare(start harness.State) {
	t.start, t.groups, t.ofCell, t.touches = start, nil, nil, map[string]touch{}
	for i := range start.Groups {
		g := t.names.group(&start.Groups[i])
		t.groups = append(t.groups, newStatements(t.dialect, &g, t.around.Fenced))
		t.learn(&t.groups[i], &t.start.Groups[i])
		for range start.Groups[i].Len {
			t.ofCell = append(t.ofCell, i)
		}
	}
	t.journals = nil
	for n := range maxCells + 1 {
		sql := journalInsert(t.dialect, t.names.of(start.Journal), n)
		t.journals = append(t.journals, sql)
		t.touches[sql] = touch{short: t.names.short(sql), point: harness.AtWrite, table: start.Journal, none: true}
	}
	t.questions = t.stateQuestions()
	t.restore = restoreStatements(t.dialect, t.names.state(&start), t.strategy.Plan.Rows)
}

// InProcess reports whether the engine is in this process.
func (t *target) InProcess() bool { return t.server.cfg.InProcess }

// Connections is how many the clients share. In this process it is no server's limit, and the wait for one is a wait for the engine.
func (t *target) Connections() int {
	if t.server.cfg.InProcess {
		return 0
	}
	return t.server.cfg.Info.Connections
}

func (t *target) Setup(ctx context.Context, start harness.State) error {
	t.prepare(start)
	if err := t.create(ctx, start); err != nil {
		return t.server.lost(err)
	}
	if err := t.set(ctx); err != nil { // what was created is durable, whatever the settings: a kill takes no more than operations along
		return t.server.lost(err)
	}
	if err := t.spread(ctx); err != nil {
		return err
	}
	for _, p := range t.pools() {
		if err := p.warm(ctx, t.level, &t.around); err != nil {
			return err
		}
	}
	if r := t.around.Readers; r != nil {
		return t.aside.warm(ctx, r.Level, &store.Env{Route: r.Route, Patient: t.around.Patient})
	}
	return nil
}

// create makes the row's tables and fills them.
func (t *target) create(ctx context.Context, start harness.State) error {
	if err := t.drop(ctx); err != nil { // of the row before, if its end failed
		return err
	}
	named := t.names.state(&start)
	for _, table := range tables(named, t.strategy, &t.around) {
		if err := t.server.createTable(ctx, table); err != nil {
			return err
		}
	}
	for i := range named.Groups {
		for sql := range fill(named, &named.Groups[i]) {
			if _, err := t.server.watching(ctx).Exec(ctx, sql); err != nil {
				return fmt.Errorf("fill %s: %w", start.Groups[i].Table, err)
			}
		}
	}
	return nil
}

// Statements are those that make the row's tables, in whatever schema they are run.
func (t *target) Statements() []string {
	var all []string
	for _, table := range tables(&t.start, t.strategy, &t.around) {
		all = append(all, table.create...)
	}
	for i := range t.start.Groups {
		for sql := range fill(&t.start, &t.start.Groups[i]) {
			all = append(all, sql)
		}
	}
	return all
}

// fillRows is how many rows one INSERT of fill carries.
const fillRows = 500

// fill is the statements that fill a group's table.
func fill(start *harness.State, g *harness.Group) iter.Seq[string] {
	return func(yield func(string) bool) {
		if g.Holds == harness.Rows {
			return // they come to be
		}
		columns := "id, " + g.Column
		if g.Holds == harness.Numbers {
			columns += ", version"
		}
		for from := 0; from < g.Len; from += fillRows {
			var rows []string
			for i := from; i < min(from+fillRows, g.Len); i++ {
				row := fillContents(g, i)
				if g.Holds == harness.Numbers {
					row = fmt.Sprintf("(%d, %d, 0)", i, start.Values[int(g.First)+i])
				}
				rows = append(rows, row)
			}
			if !yield(fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", g.Table, columns, strings.Join(rows, ", "))) {
				return
			}
		}
	}
}

func (t *target) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s := &session{row: t, pool: t.nodes[opt.Client%len(t.nodes)].pool, aside: t.aside, a: t.attempt()}
	s.a.opt = opt
	return s, nil
}

func (t *target) LockWaits(ctx context.Context) (int, error) {
	if t.dialect.LockWaits == "" {
		return 0, nil
	}
	all := 0
	for _, node := range t.nodes {
		got, err := node.watching(ctx).Query(ctx, t.dialect.LockWaits)
		if err != nil || len(got) == 0 {
			return 0, err
		}
		all += int(got[0])
	}
	return all, nil
}

// Snapshot waits until the server has nothing of this row left to do, then reads the cells and the journal.
func (t *target) Snapshot(ctx context.Context) (harness.State, error) {
	final, err := t.read(ctx)
	return final, t.server.lost(err)
}

func (t *target) read(ctx context.Context) (harness.State, error) {
	for _, node := range t.nodes {
		if err := node.idle(ctx); err != nil {
			return harness.State{}, err
		}
	}
	got, err := ask(ctx, t.server.watching(ctx), t.questions, nil)
	if err != nil {
		return harness.State{}, err
	}
	final, err := t.takeIn(got)
	if err == nil {
		err = t.agree(ctx, &final)
	}
	return final, err
}

// Close drops the row's tables, and gives the server back its settings.
func (t *target) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if t.aside != nil {
		t.aside.close()
	}
	return errors.Join(t.drop(ctx), t.unset(ctx))
}

func (t *target) drop(ctx context.Context) error {
	if t.pool.lost() {
		return nil // Server.Close says what is left
	}
	return t.server.dropTables(ctx)
}
