package database

import (
	"context"
	"fmt"
	"net"
)

// Client is a session that reaches a database as programs do, through a proxy. It is for one goroutine.
type Client interface {
	// Ask runs one statement, and answers each of its results that has columns. A *ServerError: the server has refused it. After any other
	// error the connection is of no use any more.
	Ask(ctx context.Context, sql string) ([]Result, error)
	// From is the client's own address.
	From() net.Addr
	Close()
}

// Result is what a statement returns. NULL is Null.
type Result struct {
	Columns []string
	Rows    [][]string
}

// ServerError is what a server says of a statement that it refuses.
type ServerError struct {
	Code    string // SQLSTATE
	Number  int    // of MySQL and MariaDB
	Message string
}

func (e *ServerError) Error() string { return fmt.Sprintf("%s (%s)", e.Message, e.Name()) }

// Name is the number, where there is one, or the SQLSTATE; of what code of the user's has raised (SIGNAL), that always.
func (e *ServerError) Name() string {
	if e.Number != 0 && e.Code != "45000" {
		return fmt.Sprint(e.Number)
	}
	return e.Code
}
