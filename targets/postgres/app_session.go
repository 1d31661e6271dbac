package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/targets/app/database"
)

// programSession is one more session of a program's database.
type programSession struct{ conn *pgconn.PgConn }

// Session implements database.Database.
func (d *programDatabase) Session(ctx context.Context) (database.Session, error) {
	c, err := pgconn.ConnectConfig(ctx, d.cfg)
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	return programSession{c}, nil
}

// Query implements database.Session.
func (s programSession) Query(ctx context.Context, sql string) ([][]string, error) {
	_, rows, err := ask(ctx, s.conn, sql)
	return rows, err
}

// Close implements database.Session.
func (s programSession) Close(ctx context.Context) error { return s.conn.Close(ctx) }
