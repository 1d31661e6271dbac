package owncode

import (
	"database/sql/driver"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// everyTable is the table of an Action whose cells are the tables of the schema.
const everyTable = "tables"

// action is a statement as it is announced. Where all that it can see is what is committed by now, it goes with the tables that it
// touches, and the row if it is one by a unique key: two that touch different ones commute. Where a transaction sees a snapshot, or the server watches who has read what, the order
// of any two can matter, unless both write in transactions that go on.
func (c *conn) action(point harness.Point, sql string, args []driver.NamedValue) harness.Action {
	a := harness.Action{Point: point, SQL: sql, Args: plain(args)}
	if c.client.tables == nil || point != harness.AtRead && point != harness.AtStatement {
		return a
	}
	inside, elsewhere := c.from.transactions(c)
	touch := c.client.tables.Touch(sql, a.Args, inside)
	if c.strange = c.strange || touch.Level || strings.Contains(strings.ToUpper(sql), "AUTOCOMMIT"); c.strange || c.asked || elsewhere || c.from.info.Watches {
		return a
	}
	reads := touch.Point == harness.AtRead
	switch {
	case touch.Cells == nil, touch.Point == harness.AtStatement, point == harness.AtRead && len(touch.Cells) == 0:
	case c.from.info.Snapshot && (reads || !inside):
	case reads && c.client.readsLock:
	default:
		a.Point, a.Table, a.Cells, a.Key, a.Values = touch.Point, everyTable, touch.Cells, touch.Key, touch.Values
	}
	return a
}

// transactions are those under way: on this connection, and on another of the client.
func (c *connector) transactions(on *conn) (here, elsewhere bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		elsewhere = elsewhere || conn != on && conn.inTx
	}
	return on.inTx, elsewhere
}
