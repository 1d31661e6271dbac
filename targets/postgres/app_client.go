package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/targets/app/database"
)

// programClient reaches a program's database through a proxy.
type programClient struct{ conn *pgconn.PgConn }

func dialProgram(ctx context.Context, to *url.URL) (database.Client, error) {
	c, err := pgconn.Connect(ctx, to.String())
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	return programClient{c}, nil
}

// Ask implements database.Client.
func (c programClient) Ask(ctx context.Context, sql string) ([]database.Result, error) {
	all, err := c.conn.Exec(ctx, sql).ReadAll()
	var said *pgconn.PgError
	if errors.As(err, &said) && !c.conn.IsClosed() {
		return nil, &database.ServerError{Code: said.Code, Message: said.Message}
	}
	if err != nil {
		return nil, err
	}
	var results []database.Result
	for _, r := range all {
		if len(r.FieldDescriptions) == 0 {
			continue
		}
		one := database.Result{Rows: texts(r)}
		for _, f := range r.FieldDescriptions {
			one.Columns = append(one.Columns, f.Name)
		}
		results = append(results, one)
	}
	return results, nil
}

// From implements database.Client.
func (c programClient) From() net.Addr { return c.conn.Conn().LocalAddr() }

// Close implements database.Client.
func (c programClient) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_ = c.conn.Close(ctx) // nothing is pending on it
}
