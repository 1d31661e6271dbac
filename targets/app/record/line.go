package record

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
)

// Version is that of the format.
const Version = 1

// Kind says what a line is.
type Kind string

// The kinds.
const (
	Header    Kind = "recording" // the first line
	Statement Kind = "statement"
	Reset     Kind = "reset"   // the session was made as new: what was open is rolled back
	Catalog   Kind = "catalog" // what tables there are from here on
)

// Line is one of a recording. What is not of its kind is empty.
type Line struct {
	Kind Kind      `json:"kind"`
	Time time.Time `json:"time"` // when the statement came

	// Of a header.
	Version    int           `json:"version,omitempty"`
	Engine     string        `json:"engine,omitempty"`
	Server     string        `json:"server,omitempty"`
	Level      harness.Level `json:"isolation,omitempty"`  // that sessions have unless they ask for another
	Parameters bool          `json:"parameters,omitempty"` // and literals are kept

	// Of a statement.
	Connection int       `json:"connection,omitempty"` // from 1
	SQL        string    `json:"sql,omitempty"`
	Cut        bool      `json:"cut,omitempty"` // the text is not whole
	Params     []*string `json:"params,omitempty"`
	Inside     bool      `json:"inside,omitempty"` // it came in a transaction
	State      string    `json:"state,omitempty"`  // of the transaction after it: idle, in transaction, failed
	Rows       int64     `json:"rows,omitempty"`   // that were sent
	Affected   int64     `json:"affected,omitempty"`
	Error      string    `json:"error,omitempty"` // the server's code; its message holds values
	Lost       bool      `json:"lost,omitempty"`  // the connection ended before the answer
	Took       float64   `json:"ms,omitempty"`    // until it was answered

	Tables *database.Catalog `json:"catalog,omitempty"`
}
