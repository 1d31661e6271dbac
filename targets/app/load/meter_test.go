package load

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// talk is a statement of a connection, and how its transaction stands when it is answered.
type talk struct {
	on    *proxy.Conn
	sql   string
	state wire.State
}

// heard is a meter that has heard statements, one answered before the next is sent.
func heard(talks ...talk) *Meter {
	c := &database.Catalog{Tables: []database.Table{{Name: "stock", Bare: "stock"}, {Name: "orders", Bare: "orders"}}}
	m := NewMeter(statement.NewReader(wire.Postgres(), c), func(string, int) harness.Conflict { return harness.NoConflict })
	inside := map[*proxy.Conn]bool{}
	for _, t := range talks {
		m.Answered(&proxy.Batch{
			Conn: t.on, Inside: inside[t.on], Sent: time.Now(), Requests: []*wire.Request{{Kind: wire.Query, SQL: t.sql}}, Answers: []*wire.Answer{{State: t.state}},
		})
		inside[t.on] = t.state != wire.Idle
		time.Sleep(time.Microsecond)
	}
	return m
}

// TestMet: transactions meet that overlap and touch the same table, of which one writes; a round without such is no trial.
func TestMet(t *testing.T) {
	a, b := new(proxy.Conn), new(proxy.Conn)
	for what, c := range map[string]struct {
		talks []talk
		want  bool
	}{
		"one after the other": {[]talk{
			{a, "BEGIN", wire.Inside},
			{a, "UPDATE stock SET n = 1", wire.Inside},
			{a, "COMMIT", wire.Idle},
			{b, "BEGIN", wire.Inside},
			{b, "UPDATE stock SET n = 1", wire.Inside},
			{b, "COMMIT", wire.Idle},
		}, false},
		"overlapping": {[]talk{
			{a, "BEGIN", wire.Inside},
			{a, "SELECT n FROM stock", wire.Inside},
			{b, "BEGIN", wire.Inside},
			{b, "UPDATE stock SET n = 1", wire.Inside},
			{b, "COMMIT", wire.Idle},
			{a, "COMMIT", wire.Idle},
		}, true},
		"a statement within a transaction": {[]talk{
			{a, "BEGIN", wire.Inside}, {a, "SELECT n FROM stock", wire.Inside}, {b, "UPDATE stock SET n = 1", wire.Idle}, {a, "COMMIT", wire.Idle},
		}, true},
		"other tables": {[]talk{
			{a, "BEGIN", wire.Inside}, {a, "UPDATE orders SET n = 1", wire.Inside}, {b, "UPDATE stock SET n = 1", wire.Idle}, {a, "COMMIT", wire.Idle},
		}, false},
		"only readers": {[]talk{
			{a, "BEGIN", wire.Inside}, {a, "SELECT n FROM stock", wire.Inside}, {b, "SELECT n FROM stock", wire.Idle}, {a, "COMMIT", wire.Idle},
		}, false},
	} {
		if got := heard(c.talks...).Met(); got != c.want {
			t.Errorf("%s: met is %v", what, got)
		}
	}
}

// TestCounted: what only looks whether the connection is there is no statement and no transaction.
func TestCounted(t *testing.T) {
	c := new(proxy.Conn)
	sum := heard(
		talk{c, "-- ping", wire.Idle}, talk{c, "/* a pool */ ;", wire.Idle}, talk{c, "SET search_path TO public", wire.Idle}, talk{c, "-- name: Buy :exec\nUPDATE stock SET n = 1", wire.Idle},
		talk{c, "BEGIN", wire.Inside}, talk{c, "SELECT n FROM stock", wire.Inside}, talk{c, "ROLLBACK", wire.Idle},
	).Sum()
	if sum.Statements != 2 || sum.Transactions != 2 || sum.RolledBack != 1 {
		t.Errorf("counted %+v", sum)
	}
}
