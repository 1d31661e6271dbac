package mysql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lastseat/lastseat/targets/app/database"
)

// programSession is one more session of a program's database.
type programSession struct{ db *sql.DB }

// Session implements database.Database.
func (d *programDatabase) Session(ctx context.Context) (database.Session, error) {
	db, err := d.server.connect(d.name)
	if err == nil {
		err = db.PingContext(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	return programSession{db}, nil
}

// Query implements database.Session.
func (s programSession) Query(ctx context.Context, text string) ([][]string, error) {
	_, results, err := ask(ctx, s.db, text)
	if err != nil || len(results) == 0 {
		return nil, err
	}
	return results[0], nil
}

// Close implements database.Session.
func (s programSession) Close(context.Context) error { return s.db.Close() }
