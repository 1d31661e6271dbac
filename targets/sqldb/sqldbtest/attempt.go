package sqldbtest

import (
	"context"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// Engine is what an engine's statements are tested by.
type Engine struct {
	Dialect   *sqldb.Dialect
	Level     harness.Level // at which the attempts are made
	Isolation func(harness.Level) promise.Isolation
	// Errors are those that a server of the engine, its driver or the network can end a statement with, by names of the test's own.
	Errors map[string]error
}

const (
	schema = "own"
	token  = 41 // that the session of a fenced row holds
)

// attempted is one attempt at an operation.
type attempted struct {
	skip   string // why the strategy makes none
	result harness.Result
	log    []statement
	conn   *conn
}

// attempt makes one attempt at an operation, on a server of its own that answers as the script says.
func (e *Engine) attempt(t *testing.T, strategy string, o *operation, s script) attempted {
	t.Helper()
	s.dialect, s.level = e.Dialect, e.Level
	failAt := s.failAt
	s.failAt = -1
	fails := s.fails
	s.fails = nil
	var last *conn
	server, err := sqldb.NewServer(t.Context(), sqldb.Config{
		Dialect: e.Dialect, Info: store.ServerInfo{Product: "none", DefaultLevel: e.Level, Connections: 1},
		Levels: []harness.Level{e.Level}, Isolation: e.Isolation, Schema: schema, Key: 11,
		Connect: func(context.Context, store.Route) (sqldb.Conn, error) {
			last = &conn{script: &s}
			return last, nil
		},
		Drop: func(context.Context) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := server.Row(store.RowSpec{
		Strategy: strategy, Level: e.Level, Start: o.start.Clone(), Samples: []harness.Op{o.op}, Env: o.env,
	})
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		return attempted{skip: offer.Skip}
	}
	if err := offer.Target.Setup(t.Context(), o.start.Clone()); err != nil {
		t.Fatal(err)
	}
	session, err := offer.Target.Session(t.Context(), harness.SessionOptions{Fence: func() int64 { return token }})
	if err != nil {
		t.Fatal(err)
	}
	s.log, s.failAt, s.fails, s.changed = nil, failAt, fails, map[string]int64{}
	res := session.Do(t.Context(), &o.op)
	return attempted{result: res, log: s.log, conn: last}
}

// allowing is a script by which every guard allows what is asked, and every statement succeeds.
func allowing() script { return script{value: units, grants: cells, failAt: -1} }

// refusing is one by which no guard does.
func refusing() script { return script{failAt: -1} }

// halfway is one by which the first UPDATE is allowed by its guard and the second is not.
func halfway() script { return script{value: units, grants: 1, failAt: -1} }
