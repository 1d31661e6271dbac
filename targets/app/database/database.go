package database

import (
	"context"
	"net/url"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/wire"
)

// Engine is a kind of server that programs can be given a database on.
type Engine struct {
	Name    string // postgres
	Product string // PostgreSQL
	Schemes []string
	// Unwired: programs open a file, and nothing passes that could be watched.
	Unwired bool
	Naming  Naming
	// Protocol is how programs speak to it.
	Protocol wire.Protocol
	// Snapshot: at the level, all that a transaction reads is what was committed at its first read.
	Snapshot func(harness.Level) bool
	// Watches: at the level, the order of reads and writes decides who is refused.
	Watches func(harness.Level) bool
	// Locking is what locks do at the level.
	Locking func(harness.Level) Locking
	// Conflict says which errors of the server are conflicts, by SQLSTATE and number.
	Conflict func(code string, number int) harness.Conflict
	// Reach is how far gates reach at a level.
	Reach func(harness.Level) Reach
	// Dial reaches a database at the URL that a program is given.
	Dial func(ctx context.Context, url *url.URL) (Client, error)
	// Open reaches the server of a URL, or starts a throwaway one where there is none: durable, one that loses nothing when it is killed.
	Open func(ctx context.Context, url string, durable bool) (Server, error)
}

// Locking is what locks and changes of rows do at a level.
type Locking struct {
	Dirty     bool // reads see what is not committed
	Latest    bool // statements that lock see what is committed now, and take no snapshot
	Gaps      bool // a locking read keeps rows from being added, and writes lock all that they read
	Shares    bool // in a transaction, reads share the rows that they see
	FirstWins bool // of two transactions that change a row at the same time, the second is refused
}

// Naming is what the engine is called by programs of the user's; lastseat init goes by it.
type Naming struct {
	Drivers []string // the packages by which programs reach it
	JDBC    string   // the scheme of its URL in Java
	Django  string   // the module of its backend
	Laravel string   // its DB_CONNECTION
	GoDSN   string   // where Go's driver takes no URL
}

// Server is one on which databases are made. Close drops them, and ends a throwaway server.
type Server interface {
	About() About
	Create(ctx context.Context, name string) (Database, error)
	Close(ctx context.Context) error
}

// Mortal is a Server that can be killed, as a throwaway one. Its databases are as before once it is back.
type Mortal interface {
	// Kill is kill -9 of all that the server runs.
	Kill() error
	// Restart brings it back, and reaches it again.
	Restart(ctx context.Context) error
}

// About is what is to be said of a server.
type About struct {
	Product, Version string
	Throwaway        bool
	Level            harness.Level // that sessions have unless they ask for another
	Rights           string        // why programs can do more than work on their own database; empty: they cannot
}

// Sessions is how a program's sessions begin; it may ask for something else.
type Sessions struct {
	Level      harness.Level // empty: the server's own
	BriefWaits bool          // waits for a lock end after a second
}

// Database is one of lastseat's own. Its methods are for one goroutine, but Waiting, which is for another.
type Database interface {
	Name() string
	// Proxied is how programs get there.
	Proxied(s Sessions) (proxy.Server, error)
	// URL is what a program is given that is to log in with a login at a proxy's address.
	URL(address string, login *url.Userinfo) *url.URL
	// Exec runs statements.
	Exec(ctx context.Context, sql string) error
	// Query runs a statement that returns rows.
	Query(ctx context.Context, sql string) (columns []string, rows [][]string, err error)
	// Catalog is what tables there are.
	Catalog(ctx context.Context) (*Catalog, error)
	// Read reads all tables.
	Read(ctx context.Context, c *Catalog) (Contents, error)
	// Keep makes what the tables hold what Restore restores.
	Keep(ctx context.Context, c *Catalog) error
	// Restore brings tables back to what they held at Keep. Sequences go on.
	Restore(ctx context.Context, c *Catalog, tables []int) error
	// Jump has sequences go on from far ahead.
	Jump(ctx context.Context, c *Catalog) error
	// Waiting says which of the sessions wait for a lock. Who stands at a gate does not, or AtGate says so too.
	Waiting(ctx context.Context, sessions []uint64) (map[uint64]bool, error)
	Gates
	// There reports whether the server still has one of the sessions.
	There(ctx context.Context, sessions []uint64) (bool, error)
	// Session opens one more session, for statements that run beside others.
	Session(ctx context.Context) (Session, error)
}

// Session is one of a database's. A statement outside a transaction commits by itself.
type Session interface {
	Query(ctx context.Context, sql string) (rows [][]string, err error)
	Close(ctx context.Context) error
}

// Null is NULL among the texts of a row.
const Null = "\x00NULL"

// Contents are the rows of each table of a catalog.
type Contents [][][]string

// Table is one of the program's.
type Table struct {
	Name    string   `json:"name,omitempty"` // as people write it: orders, or audit.log where it is not in the usual schema
	SQL     string   `json:"sql,omitempty"`  // as statements write it
	Bare    string   `json:"bare,omitempty"` // its name alone
	Columns []string `json:"columns,omitempty"`
	// Keys are the columns that a sequence fills, by their names: which sequence.
	Keys map[string]string `json:"keys,omitempty"`
	// Generated are columns that the server computes: nothing is written to them.
	Generated []string `json:"generated,omitempty"`
	// Unique are the columns of each unique key.
	Unique [][]string `json:"unique,omitempty"`
	// Related are the tables that a foreign key joins with this one.
	Related []string `json:"related,omitempty"`
	// Triggers: a write runs code.
	Triggers bool `json:"triggers,omitempty"`
	// Numbers are the columns of whole numbers.
	Numbers []string `json:"numbers,omitempty"`
	// Indexed are the columns of all indexes.
	Indexed []string `json:"indexed,omitempty"`
	// Apart: what is done to one row matters to no other, as long as no key changes: no rule, index or code that nobody sees through.
	Apart bool `json:"apart,omitempty"`
}

// Catalog is what a database holds.
type Catalog struct {
	Tables    []Table  `json:"tables,omitempty"`
	Sequences []string `json:"sequences,omitempty"` // as statements write them
	Code      []string `json:"code,omitempty"`      // names of views and functions, which reach what cannot be seen
}
