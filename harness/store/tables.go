package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Tables are those of a run's own schema, looked at beside the code that works on them.
type Tables interface {
	// Read is what they hold: in all readings the same tables, in the same order.
	Read(ctx context.Context) ([]Table, error)
	// Jump has the keys that the server generates go on from far ahead.
	Jump(ctx context.Context) error
	// Touch says what a statement does to them; inside: in a transaction that goes on.
	Touch(sql string, args []any, inside bool) Touch
	Close() error
}

// Table is one of a schema's, and what it holds.
type Table struct {
	Name    string
	Columns []string
	Keys    map[string]string // the columns whose values are generated, and by which sequence
	Rows    [][]string
}

// Touch is what a statement may do to others. In doubt it may do everything: AtStatement, with Cells nil.
type Touch struct {
	Point         harness.Point  // AtRead, AtWrite, AtLock; AtStatement: who knows
	Cells         []harness.Cell // the tables, by their numbers: what foreign keys join with them too; nil: all
	Key, Values   string         // of the only row that it touches, where that is proved
	Reads, Writes uint64         // tables that it names, by bits
	Locks         bool           // rows that it reads
	Level         bool           // it asks for an isolation level
}
