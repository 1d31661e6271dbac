package tables_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/tables"
	"github.com/lastseat/lastseat/targets/wire"
)

// seats is a source of one table.
type seats struct{}

func (seats) Catalog(context.Context) (*database.Catalog, error) {
	return &database.Catalog{Tables: []database.Table{{
		Name: "seat", Bare: "seat", SQL: "`seat`", Columns: []string{"id", "held"}, Numbers: []string{"id", "held"},
		Indexed: []string{"id"}, Unique: [][]string{{"id"}}, Apart: true,
	}}}, nil
}

func (seats) Read(context.Context, *database.Catalog) (database.Contents, error) {
	return nil, errors.ErrUnsupported
}
func (seats) Jump(context.Context, *database.Catalog) error { return errors.ErrUnsupported }

// TestTouchRow: arguments name a row only where they are whole numbers, which every server compares in one way.
func TestTouchRow(t *testing.T) {
	all, err := tables.Of(t.Context(), wire.MySQL(), seats{}, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql    string
		args   []any
		values string
	}{
		{"UPDATE seat SET held = ? WHERE id = ?", []any{int64(1), int64(7)}, "7"},
		{"UPDATE seat SET held = ? WHERE id = ?", []any{"x", int64(-7)}, "-7"},
		{"SELECT held FROM seat WHERE id = 3", nil, "3"},
		{"UPDATE seat SET held = ? WHERE id = ?", []any{int64(1), "7"}, ""},
		{"UPDATE seat SET held = ? WHERE id = ?", []any{int64(1), nil}, ""},
		{"UPDATE seat SET held = ? WHERE id = ?", []any{int64(1), 7.0}, ""},
		{"UPDATE seat SET held = ? WHERE id = ?", []any{int64(7)}, ""},
		{"UPDATE seat SET held = 1 WHERE id > ?", []any{int64(7)}, ""},
	} {
		touch := all.Touch(c.sql, c.args, true)
		if touch.Values != c.values || (touch.Key == "seat id") != (c.values != "") || len(touch.Cells) != 1 {
			t.Errorf("%s, %v: %+v, want row %q", c.sql, c.args, touch, c.values)
		}
	}
}
