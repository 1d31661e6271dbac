// Package workloads holds what clients do, one workload a file: operations as data, and the invariants that must hold
// afterwards. In goes a Config, out comes a harness.Workload; New and Table are where a newcomer starts. A new one is a file
// beside this one, and a line in Table: docs/extending.md has a whole one.
package workloads

import (
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// Config shapes a workload. Zero values mean the workload's own defaults.
type Config struct {
	Cells     int      // items, accounts, registers; lists or ranges in use at a time; 0: DefaultCells
	Stock     int64    // what each cell starts with (seats, units of money); 0: the workload's own
	RandType  RandType // how clients choose among cells; empty: uniform
	ManyReads bool     // transfer: snapshot reads use one SELECT an account instead of one over all

	ZipfianConstant     float64 // between 0 and 1; 0: 0.99
	HotspotDataFraction float64 // share of the cells that are hot; 0: 0.2
	HotspotOpnFraction  float64 // share of the operations that go there; 0: 0.8
}

// DefaultCells is how many cells clients contend for if nobody asks for another number.
const DefaultCells = 10

// Kind is a workload that New can make.
type Kind struct {
	Name    string // its harness.Workload.Name
	Explain string // one sentence: what clients do, and the question that this asks
	make    func(Config) (harness.Workload, error)
}

// Table holds all workloads, in the order in which they are shown.
func Table() []Kind {
	return []Kind{
		{"seats", "buy and cancel the last units of a few items: is more sold than there is?", newSeats},
		{"transfer", "move money between accounts, and read all balances: does any appear or vanish?", newTransfer},
		{"joint", "withdraw what two accounts hold together: the write skew that repeatable read lets through", newJoint},
		{"checkout", "take a seat, ask for payment, charge a wallet: is there a charge without a seat, or a seat without a charge?", newCheckout},
		{"append", "append to lists and read them: which isolation model does the level keep?", newAppend},
		{"register", "read registers and overwrite what was read: which isolation model does the level keep?", newRegister},
		{"predicate", "insert rows into ranges and read whole ranges: which isolation model does the level keep?", newPredicate},
		{"snapshot", "append to one list, or read all lists at one moment: does everybody see the writes in the same order?", newSnapshot},
	}
}

// ErrConfig is what New's errors about the Config match.
var ErrConfig = errors.New("invalid workload")

// Names are the names of all workloads, in the table's order.
func Names() []string {
	var names []string
	for _, k := range Table() {
		names = append(names, k.Name)
	}
	return names
}

// New makes the workload of that name in Table.
func New(name string, cfg Config) (harness.Workload, error) {
	if cfg.Cells == 0 {
		cfg.Cells = DefaultCells
	}
	if cfg.Cells < 1 || cfg.Stock < 0 {
		return nil, fmt.Errorf("%w: cells must be at least 1 and stock not negative, got %d and %d", ErrConfig, cfg.Cells, cfg.Stock)
	}
	if err := cfg.checkRand(); err != nil {
		return nil, err
	}
	for _, k := range Table() {
		if k.Name == name {
			return k.make(cfg)
		}
	}
	return nil, fmt.Errorf("%w: no workload is called %q", ErrConfig, name)
}

// must is a workload of a shape that is known to be right.
func must(w harness.Workload, err error) harness.Workload {
	if err != nil {
		panic(err)
	}
	return w
}

// single is the guards and limits of cells that each may not fall below 0.
func single(cells int) [][]harness.Cell {
	all := everyCell(cells)
	sets := make([][]harness.Cell, cells)
	for i := range sets {
		sets[i] = all[i : i+1 : i+1]
	}
	return sets
}

func everyCell(cells int) []harness.Cell {
	all := make([]harness.Cell, cells)
	for i := range all {
		all[i] = harness.Cell(i)
	}
	return all
}
