package sqldb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// target is one row: a strategy at a level on a server.
type target struct {
	server   *Server
	pool     *pool
	dialect  *Dialect
	strategy *Strategy
	level    harness.Level
	hook     harness.Hook
	start    harness.State

	groups   []statements // by group
	ofCell   []int        // group of each cell
	journals []string     // insert of n entries, by n
}

// at is the statements for a cell and its id in its table.
func (t *target) at(c harness.Cell) (*statements, int64) {
	g := t.ofCell[c]
	return &t.groups[g], int64(c - t.start.Groups[g].First)
}

// group is the cell's group.
func (t *target) group(c harness.Cell) *harness.Group { return &t.start.Groups[t.ofCell[c]] }

func (t *target) journalInsert(n int) string { return t.journals[n] }

func (t *target) prepare(start harness.State) {
	t.start, t.groups, t.ofCell = start, nil, nil
	for i := range start.Groups {
		t.groups = append(t.groups, newStatements(t.dialect, &start.Groups[i]))
		for range start.Groups[i].Len {
			t.ofCell = append(t.ofCell, i)
		}
	}
	t.journals = nil
	for n := range maxCells + 1 {
		t.journals = append(t.journals, journalInsert(t.dialect, start.Journal, n))
	}
}

// InProcess reports whether the engine is in this process.
func (t *target) InProcess() bool { return t.server.cfg.InProcess }

func (t *target) Setup(ctx context.Context, start harness.State) error {
	t.prepare(start)
	if err := t.create(ctx, start); err != nil {
		return t.server.gone(err)
	}
	return t.pool.warm(ctx, t.level)
}

// create makes the row's tables and fills them.
func (t *target) create(ctx context.Context, start harness.State) error {
	for _, sql := range append(dropTables(&start), createTables(&start, t.strategy)...) {
		if _, err := t.server.monitor.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	for i := range start.Groups {
		if err := t.fill(ctx, &start.Groups[i]); err != nil {
			return fmt.Errorf("fill %s: %w", start.Groups[i].Table, err)
		}
	}
	return nil
}

// fillRows is how many rows one INSERT of fill carries.
const fillRows = 500

func (t *target) fill(ctx context.Context, g *harness.Group) error {
	for from := 0; from < g.Len; from += fillRows {
		var rows []string
		for i := from; i < min(from+fillRows, g.Len); i++ {
			rows = append(rows, fmt.Sprintf("(%d, %d, 0)", i, t.start.Values[int(g.First)+i]))
		}
		sql := fmt.Sprintf("INSERT INTO %s (id, %s, version) VALUES %s", g.Table, g.Column, strings.Join(rows, ", "))
		if _, err := t.server.monitor.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) Session(context.Context) (harness.Session, error) {
	return &session{row: t, a: t.attempt()}, nil
}

func (t *target) LockWaits(ctx context.Context) (int, error) {
	if t.dialect.LockWaits == "" {
		return 0, nil
	}
	got, err := t.server.monitor.Query(ctx, t.dialect.LockWaits)
	if err != nil || len(got) == 0 {
		return 0, err
	}
	return int(got[0]), nil
}

// Snapshot waits until the server has nothing of this row left to do, then reads the cells and the journal.
func (t *target) Snapshot(ctx context.Context) (harness.State, error) {
	final, err := t.read(ctx)
	return final, t.server.gone(err)
}

func (t *target) read(ctx context.Context) (harness.State, error) {
	if err := t.server.idle(ctx); err != nil {
		return harness.State{}, err
	}
	final := t.start.Clone()
	for i := range t.start.Groups {
		if err := t.readGroup(ctx, i, &final); err != nil {
			return harness.State{}, err
		}
	}
	got, err := t.server.monitor.Query(ctx, "SELECT op, cell, delta, version FROM "+t.start.Journal)
	if err != nil {
		return harness.State{}, fmt.Errorf("read %s: %w", t.start.Journal, err)
	}
	final.Entries = make([]harness.Entry, 0, len(got)/4)
	for i := 0; i+3 < len(got); i += 4 {
		final.Entries = append(final.Entries, harness.Entry{
			Op: got[i], Cell: harness.Cell(got[i+1]), Delta: got[i+2], Version: got[i+3],
		})
	}
	return final, nil
}

func (t *target) readGroup(ctx context.Context, i int, final *harness.State) error {
	g := &t.start.Groups[i]
	if t.strategy.Plan.Rows {
		got, err := t.server.monitor.Query(ctx, "SELECT cell, COUNT(*) FROM "+g.Claims+" GROUP BY cell")
		if err != nil {
			return fmt.Errorf("count %s: %w", g.Claims, err)
		}
		for j := 0; j+1 < len(got); j += 2 {
			final.Values[got[j]] -= got[j+1]
		}
		final.Versions = nil
		return nil
	}
	got, err := t.server.monitor.Query(ctx, t.groups[i].readAll)
	if err != nil {
		return fmt.Errorf("read %s: %w", g.Table, err)
	}
	for j := 0; j+2 < len(got); j += 3 {
		c := int(g.First) + int(got[j])
		final.Values[c], final.Versions[c] = got[j+1], got[j+2]
	}
	return nil
}

// Close drops the row's tables.
func (t *target) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, sql := range dropTables(&t.start) {
		if _, err := t.server.monitor.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
