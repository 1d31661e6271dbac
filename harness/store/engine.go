package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Engine is a kind of store that lastseat knows: how to reach one, and what it can be asked to do.
type Engine struct {
	Name       string // postgres
	Product    string // PostgreSQL
	Explain    string // one sentence for `lastseat list targets`
	Embedded   bool   // runs in this process, needs no server
	SQL        bool   // takes statements of SQL as text
	Cluster    string // the engine whose servers these are, where they are several that hold one state and share the clients: mariadb; empty: it is one
	DSNEnv     string // the environment variable that names a server: LASTSEAT_POSTGRES_DSN
	Strategies []StrategyInfo
	Declared   []Declared // what its levels do: promises rest on the same functions
	// How a target that a user names is known to be of this engine: by the scheme of its DSN (postgres, postgresql), by how its
	// name begins (pg18), beside Name itself, or by the server program that its DSN is the path of (postgres).
	Schemes, Prefixes, Programs []string
	// Installed are the server programs that this machine has, the one that Open takes first. The error says why it takes none, or where
	// there is none (*MissingError) how to get one. Nil: the engine has no server program.
	Installed func(ctx context.Context) ([]Program, error)
	// SetLevel is the statement that sets a session's level, as a person types it; nil: none does.
	SetLevel func(harness.Level) string
	// Lanes is how many schedules explore plays at once on a server that was started for it, each in tables of its own; 0: one.
	Lanes int
	// LockTimeout is what becomes of a wait for a lock that takes too long; zero: waits have no end.
	LockTimeout LockTimeout
	// Open reaches a server, or starts a throwaway one where cfg.DSN is empty. *MissingError: there is none to be had here.
	Open func(ctx context.Context, cfg OpenConfig) (Server, error)
	// Clean finds what runs have left on a server, and drops what dead ones have unless only is set. Nil: nothing is ever left.
	Clean func(ctx context.Context, dsn string, only bool) ([]Leftover, error)
}

// Program is a server program on this machine.
type Program struct{ Path, Version string }

// LockTimeout is how an engine ends a wait for a lock.
type LockTimeout struct {
	Code   string // of the error
	GoesOn bool   // the transaction does, without the statement
	Second string // the statement that has a session's waits end after a second; empty: whoever leads the session ends them
}

// Declared is what the levels of some of an engine's servers are declared to do.
type Declared struct {
	Servers   string // which: "PostgreSQL", "MariaDB from 11 on, innodb_snapshot_isolation ON"
	Levels    []harness.Level
	Isolation func(harness.Level) promise.Isolation
}

// StrategyInfo explains a strategy.
type StrategyInfo struct {
	Name    string
	Explain string        // one sentence: what it promises, or which bug it is
	Plan    *promise.Plan // how it protects what it reads; nil: the level's model is all that it promises
}

// OpenConfig says which server to open.
type OpenConfig struct {
	DSN         string // URL or driver DSN, or the path of a server program to start; empty: start one that is found
	Connections int    // how many connections all rows may use at once
	Strict      bool   // Connections was asked for by name: fewer is an error
	Volatile    bool   // commits need not survive a crash: throwaway servers do not wait for the disk
	Socket      bool   // clients reach a throwaway server by a Unix socket, where it has one: a statement costs less than by TCP
	// BriefWaits: waits for a lock end after a second, instead of five.
	BriefWaits bool
	PipeBegin  bool // send BEGIN together with the transaction's first statement; engines that cannot do not
	// PipeCommit: send COMMIT together with the journal's INSERT, where that is the transaction's last statement and nobody looks between
	// the two; engines that cannot do not.
	PipeCommit bool
	// Driver: clients use the engine's driver as programs do, instead of what is faster for one statement after the other.
	Driver bool
	// Workers is how many other processes have the clients, and Attach: this one opens no connection for clients.
	Workers int
	// Attach names the run (Attachable) that another process has opened the server for: its schema is used, and neither made nor dropped.
	Attach string
	// MayConnect, with Attach, is asked before each connection: its error refuses it. Nil: nobody is asked.
	MayConnect func() error
}

// MissingError says that a server cannot be had on this machine, and how to get one. It is a reason to skip, not a failure.
type MissingError struct{ Hint string }

func (e *MissingError) Error() string { return e.Hint }

// Server is an opened store.
type Server interface {
	// Info is what was read back from the server when it was opened.
	Info() ServerInfo
	// Levels are the isolation levels that it offers, weakest first; NoLevel alone where it has none.
	Levels() []harness.Level
	// Row makes the target for a row, or explains why there is none: what the store cannot do is an Offer with a Skip, and an
	// error is one of the server. It touches no table: Setup does.
	Row(spec RowSpec) (Offer, error)
	// Close removes what is left of all rows, and stops the server if it was started for them.
	Close() error
}

// RowSpec asks a Server for a row.
type RowSpec struct {
	Strategy string        // one of Engine.Strategies
	Level    harness.Level // one of Server.Levels
	Start    harness.State // the workload's Init
	Samples  []harness.Op  // the workload's Samples: what the promise is derived from, and what there may be no way to do
	Hook     harness.Hook  // to be called at each Point; nil: the server's own, or none
	Env      Env           // what is around the store
}

// Offer is a Server's answer to a RowSpec: a target and its promise, or the reason to skip the row.
type Offer struct {
	Target  harness.Target
	Promise promise.Promise
	Skip    string // why there is no such row; then Target is nil
	// HasControl says whether the strategy named naive (or naive-autocommit) is a positive control for this row: same server, same
	// representation.
	HasControl bool
}

// ServerInfo is what was read back from a server.
type ServerInfo struct {
	Product      string        `json:"product"` // PostgreSQL
	Version      string        `json:"version"` // 15.19
	DefaultLevel harness.Level `json:"default_isolation"`
	Settings     []Setting     `json:"settings"`  // as they bear on durability and on waiting
	Durable      bool          `json:"durable"`   // an acknowledged commit survives a crash of the machine
	Throwaway    bool          `json:"throwaway"` // started by lastseat
	// OneAtATime: two statements of two clients always have the effect of one after the other. The order of statements is then the
	// whole story of a schedule.
	OneAtATime  bool   `json:"one_at_a_time,omitempty"`
	Connections int    `json:"connections"`       // the most it will use; 0: no such limit
	Pooling     string `json:"pooling,omitempty"` // of a pooler before the server: "session pooling" or "transaction pooling"
	Wire        string `json:"wire,omitempty"`    // what programs use, if clients were to use that: "pgx"; empty: the faster way
	Note        string `json:"note,omitempty"`    // what the user should know about this server
}

// Setting is a server setting by the server's own name.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (i ServerInfo) String() string { return i.Product + " " + i.Version }

// Setting is the value of a setting; empty if it was not read.
func (i ServerInfo) Setting(name string) string {
	for _, s := range i.Settings {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}
