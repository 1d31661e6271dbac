package workloads

import (
	"math/rand/v2"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
)

// register reads registers and writes what was never written before. Most transactions read what they write, so that each
// value names the one before it; some write blindly, some only read several, some read one and write another.
type register struct {
	cfg    Config
	choose chooser
	sets   [][]harness.Cell
}

func newRegister(cfg Config) (harness.Workload, error) {
	return &register{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(cfg.Cells)}, nil
}

func (w *register) Name() string { return "register" }

func (w *register) Init() harness.State {
	return contents(harness.Group{Table: "register", Column: "val", Len: w.cfg.Cells, Holds: harness.Registers})
}

func (w *register) Samples() []harness.Op {
	c := &setter{w: w}
	c.update(0)
	return []harness.Op{{Name: "txn", Steps: c.op.Steps}}
}

func (w *register) Checks() []harness.Checker { return []harness.Checker{check.Model()} }

type setter struct {
	w      *register
	rand   *rand.Rand
	values values
	cells  []harness.Cell // of the operation, all different
	op     harness.Op
	steps  [mostSteps]harness.Step
}

func (w *register) Client(id int, r *rand.Rand) harness.Client {
	return &setter{w: w, rand: r, values: values{client: int64(id)}}
}

func (c *setter) Next(harness.Answer) *harness.Op {
	c.op = harness.Op{Name: "txn", Steps: c.steps[:0]}
	c.draw(1 + c.rand.IntN(2))
	switch kind := c.rand.IntN(20); {
	case kind < 10:
		for _, cell := range c.cells {
			c.update(cell)
		}
	case kind < 14: // reads all of them and writes the first: write skew, where two do so the other way round
		for _, cell := range c.cells {
			c.read(c.w.sets[cell])
		}
		c.write(c.cells[0])
	case kind < 16:
		for _, cell := range c.cells {
			c.write(cell)
		}
	case kind < 18:
		c.draw(2 + c.rand.IntN(mostSteps-1))
		c.read(c.cells)
	default:
		c.draw(2 + c.rand.IntN(mostSteps-1))
		for _, cell := range c.cells {
			c.read(c.w.sets[cell])
		}
	}
	return &c.op
}

// draw draws n different cells, or as many as there are.
func (c *setter) draw(n int) {
	c.cells = c.cells[:0]
	for len(c.cells) < min(n, len(c.w.sets)) {
		cell := harness.Cell(c.w.choose(c.rand))
		for slices.Contains(c.cells, cell) {
			cell = (cell + 1) % harness.Cell(len(c.w.sets))
		}
		c.cells = append(c.cells, cell)
	}
}

func (c *setter) update(cell harness.Cell) {
	c.read(c.w.sets[cell])
	c.write(cell)
}

func (c *setter) read(cells []harness.Cell) {
	c.op.Steps = append(c.op.Steps, harness.Step{Kind: harness.Read, Cells: cells})
}

func (c *setter) write(cell harness.Cell) {
	c.op.Steps = append(c.op.Steps, harness.Step{Kind: harness.Write, Cell: cell, Value: c.values.next()})
}
