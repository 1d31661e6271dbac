package store

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// Connectable is an optional capability of a Server: code that knows nothing of lastseat can work where the run's own tables are, on
// connections that its own driver makes.
type Connectable interface {
	// ConnInfo says how. Transactions that ask for no level run at this one; NoLevel: at the server's default.
	ConnInfo(level harness.Level) (ConnInfo, error)
	// Waiting is as Stepped's, and counts the sessions that ConnInfo.Watch was told of.
	Waiting(ctx context.Context) (Waits, error)
}

// ConnInfoOf says how code that knows nothing of lastseat connects to a server that was opened, where it may make tables: in a schema or a
// database of the run's own, which is dropped when the server is closed. Its DSN is for sql.Open and for pgxpool.New alike.
func ConnInfoOf(server Server, level harness.Level) (ConnInfo, error) {
	c, ok := server.(Connectable)
	if !ok {
		return ConnInfo{}, fmt.Errorf("%s does not hand its connections to other code", server.Info().Product)
	}
	if p := server.Info().Pooling; p != "" {
		return ConnInfo{}, fmt.Errorf("%w: a pooler (%s) stands before %s, and does not keep the code's connections in the run's own schema; "+
			"name the server itself in the DSN", ErrHome, p, server.Info().Product)
	}
	return c.ConnInfo(level)
}

// ConnInfo is what connections of other code need, and what has to be known to step them.
type ConnInfo struct {
	DSN string // for any driver of the engine
	// Schema is the run's own schema or database; empty: the file of the DSN is the run's own. Home is a query that answers which one
	// names without a schema mean on a connection: where that is another one, they may be the user's. Empty: there is but one.
	Schema, Home string
	// Connector is of the engine's usual database/sql driver.
	Connector func(dsn string) (driver.Connector, error)
	// Session is a query that answers a session's own number on the server; empty: the engine has no sessions.
	Session string
	// Watch has the session with a number counted by Waiting, until release is called.
	Watch func(id int64) (release func())
	// Busy reports that a lock is taken, for engines that cannot be asked who waits: whoever leads the connection tries again.
	// Nil: connections wait by themselves.
	Busy func(error) bool
	// Level is that of transactions that ask for none. At Serializable their plain reads take locks if ReadsLock.
	Level     harness.Level
	ReadsLock bool
	// Snapshot: at Level, all that a transaction reads is what was committed at its first read. Watches: the order of reads and writes
	// decides who is refused.
	Snapshot, Watches bool
	// BriefWaits is a statement that has a session's waits for a lock end after a second; empty: they are as they are.
	BriefWaits string
	// Tables looks at the tables that there are now; nil: nobody can.
	Tables func(ctx context.Context) (Tables, error)
}
