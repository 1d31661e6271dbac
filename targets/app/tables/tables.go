// Package tables looks at the tables of a run's own schema, beside Go code that works on them: what they hold, and what of them a
// statement touches. In go a way to read them and the protocol in which the server is spoken to; out come store.Tables. Start at Of.
package tables

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// Source reads tables. A database.Database is one.
type Source interface {
	Catalog(ctx context.Context) (*database.Catalog, error)
	Read(ctx context.Context, c *database.Catalog) (database.Contents, error)
	Jump(ctx context.Context, c *database.Catalog) error
}

// tables are a Source's, as they were when it was asked.
type tables struct {
	Source
	catalog *database.Catalog
	reader  *statement.Reader
	close   func() error
}

// Of looks at a source's tables. close ends the source.
func Of(ctx context.Context, protocol wire.Protocol, s Source, end func() error) (store.Tables, error) {
	catalog, err := s.Catalog(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which tables there are: %w", err)
	}
	return &tables{s, catalog, statement.NewReader(protocol, catalog), end}, nil
}

// Read implements store.Tables.
func (t *tables) Read(ctx context.Context) ([]store.Table, error) {
	if len(t.catalog.Tables) == 0 {
		return nil, nil
	}
	now, err := t.Source.Read(ctx, t.catalog)
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	all := make([]store.Table, len(now))
	for i := range now {
		c := &t.catalog.Tables[i]
		all[i] = store.Table{Name: c.Name, Columns: c.Columns, Keys: c.Keys, Rows: now[i]}
	}
	return all, nil
}

// Jump implements store.Tables.
func (t *tables) Jump(ctx context.Context) error { return t.Source.Jump(ctx, t.catalog) }

// Close implements store.Tables.
func (t *tables) Close() error { return t.close() }

// Touch implements store.Tables.
func (t *tables) Touch(sql string, args []any, inside bool) store.Touch {
	s := t.reader.Read([]*wire.Request{{Kind: wire.Query, SQL: sql, Params: params(args)}}, inside)
	touch := store.Touch{Point: s.Step.Point, Key: s.Step.Row.Key, Values: s.Step.Row.Values, Reads: s.Reads, Writes: s.Writes, Locks: s.Locks, Level: s.Level != ""}
	switch {
	case s.Passes:
		touch.Point, touch.Cells = harness.AtRead, []harness.Cell{}
	case s.Step.Point == harness.AtStatement, s.Step.Point == harness.AtCommit, s.Step.Cells == explore.Everything:
		touch.Point = harness.AtStatement
	default:
		touch.Cells = []harness.Cell{}
		for i := range 64 {
			if s.Step.Cells&(1<<i) != 0 {
				touch.Cells = append(touch.Cells, harness.Cell(i))
			}
		}
	}
	return touch
}

// params are arguments as the protocol has them. Only whole numbers are written in one way: of others nothing is known, as of NULL.
func params(args []any) []wire.Value {
	all := make([]wire.Value, len(args))
	for i, a := range args {
		n, whole := a.(int64)
		all[i] = wire.Value{Null: !whole, Text: strconv.FormatInt(n, 10)}
	}
	return all
}
