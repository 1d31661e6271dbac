package sqldb

import (
	"context"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
)

// Show runs any statement as plain text.
func (c *Std) Show(ctx context.Context, text string) (reply store.Reply, err error) {
	err = c.watched(ctx, func(ctx context.Context) error {
		return c.patiently(ctx, text, func() (err error) {
			if !AnswersRows(text) {
				done, err := c.exec(ctx, text, nil)
				reply.Affected = done.Rows
				return err
			}
			reply.Rows, err = c.show(ctx, text)
			return err
		})
	})
	c.ran(text, err)
	return reply, c.note(err)
}

// AnswersRows reports whether a statement answers rows. It goes by the first word, and by RETURNING.
func AnswersRows(text string) bool {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "WITH", "SHOW", "VALUES", "TABLE", "PRAGMA", "EXPLAIN":
		return true
	}
	return strings.Contains(strings.ToUpper(rest), " RETURNING ")
}

func (c *Std) show(ctx context.Context, text string) ([][]string, error) {
	rows, err := c.conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err says what went wrong
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for rows.Next() {
		cells, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		row := make([]string, len(columns))
		for i, v := range cells {
			row[i] = store.Cell(v, columns[i].DatabaseTypeName())
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
