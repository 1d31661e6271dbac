package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
)

// Show runs any statement as plain text, or several with semicolons between them where the driver takes them.
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
	var all [][]string
	for more := true; more; more = rows.NextResultSet() {
		if all, err = showRows(all, rows); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

// showRows appends the rows of one statement's answer.
func showRows(all [][]string, rows *sql.Rows) ([][]string, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
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
