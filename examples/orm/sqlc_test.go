package orm

import (
	"context"
	"database/sql"
	"testing"
)

// sqlcDBTX and sqlcQueries have the form of what sqlc generates for database/sql.
type sqlcDBTX interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

type sqlcQueries struct{ db sqlcDBTX }

func sqlcNew(db sqlcDBTX) *sqlcQueries { return &sqlcQueries{db: db} }

const sqlcAvailable = `-- name: Available :one
SELECT available FROM stock WHERE item = ?
`

func (q *sqlcQueries) Available(ctx context.Context, item string) (int64, error) {
	var available int64
	err := q.db.QueryRowContext(ctx, sqlcAvailable, item).Scan(&available)
	return available, err
}

const sqlcTake = `-- name: Take :execrows
UPDATE stock SET available = available - 1 WHERE item = ?
`

const sqlcTakeGuarded = `-- name: TakeGuarded :execrows
UPDATE stock SET available = available - 1 WHERE item = ? AND available > 0
`

func (q *sqlcQueries) take(ctx context.Context, query, item string) (int64, error) {
	res, err := q.db.ExecContext(ctx, query, item)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

const sqlcOrder = `-- name: Order :exec
INSERT INTO orders (item) VALUES (?)
`

func (q *sqlcQueries) Order(ctx context.Context, item string) error {
	_, err := q.db.ExecContext(ctx, sqlcOrder, item)
	return err
}

func sqlcBuy(ctx context.Context, db *sql.DB, guarded bool) error {
	q := sqlcNew(db)
	if available, err := q.Available(ctx, "hat"); err != nil {
		return err
	} else if available == 0 {
		return errSoldOut
	}
	query := sqlcTake
	if guarded {
		query = sqlcTakeGuarded
	}
	if n, err := q.take(ctx, query, "hat"); err != nil {
		return err
	} else if n == 0 {
		return errSoldOut
	}
	return q.Order(ctx, "hat")
}

func TestSqlc(t *testing.T) { testBuy(t, "sqlite", sqlcBuy) }
