package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
)

// snapshot appends to a few lists, one a transaction, and reads all of them at one moment: two readers of whom each saw an append that the
// other one did not are a long fork. Half of the readers write as well, to a list that nobody reads, and so read where writers do, even
// where transactions that only read go to a replica. Nobody reads a list and then appends to one that others read, so that there is
// no other anomaly in the way. A list that is full is left for the next.
type snapshot struct {
	cfg    Config
	choose chooser
	sets   [][]harness.Cell // the first half is read, the second is not
}

func newSnapshot(cfg Config) (harness.Workload, error) {
	return &snapshot{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(2 * poolOf(cfg.Cells))}, nil
}

func (w *snapshot) Name() string { return "snapshot" }

func (w *snapshot) Init() harness.State {
	return contents(harness.Group{Table: "list", Column: "val", Len: len(w.sets), Holds: harness.Lists})
}

func (w *snapshot) Samples() []harness.Op {
	c := w.client(0, nil)
	var all []harness.Op
	for _, op := range []*harness.Op{c.append(0), c.read(), c.readAndWrite(0)} {
		all = append(all, harness.Op{Name: op.Name, Steps: append([]harness.Step(nil), op.Steps...)})
	}
	return all
}

func (w *snapshot) Checks() []harness.Checker { return []harness.Checker{check.Model()} }

func (w *snapshot) Client(id int, r *rand.Rand) harness.Client { return w.client(id, r) }

func (w *snapshot) client(id int, r *rand.Rand) *onlooker {
	read := w.sets[:len(w.sets)/2]
	return &onlooker{grower: newGrower(id, r, w.choose, w.cfg.Cells, read), unread: w.sets[len(read):]}
}

// onlooker is a client that appends, or looks at everything.
type onlooker struct {
	*grower
	unread [][]harness.Cell
	looks  []harness.Step
}

func (c *onlooker) Next(last harness.Answer) *harness.Op {
	c.leave(last.Seen)
	switch c.rand.IntN(4) {
	case 0:
		return c.read()
	case 1:
		return c.readAndWrite(c.rand.IntN(len(c.unread)))
	}
	return c.append(c.choose(c.rand))
}

// append adds to an active list.
func (c *onlooker) append(i int) *harness.Op {
	c.steps[0] = harness.Step{Kind: harness.Append, Cell: c.cell(i), Value: c.values.next()}
	c.op = harness.Op{Name: "append", Steps: c.steps[:1]}
	return &c.op
}

// read reads all active lists.
func (c *onlooker) read() *harness.Op {
	c.looks = c.looks[:0]
	for i := range c.rounds {
		c.looks = append(c.looks, harness.Step{Kind: harness.Read, Cells: c.sets[c.cell(i)]})
	}
	c.op = harness.Op{Name: "read", Steps: c.looks}
	return &c.op
}

// readAndWrite reads them, and adds to a list that nobody reads.
func (c *onlooker) readAndWrite(unread int) *harness.Op {
	op := c.read()
	c.looks = append(c.looks, harness.Step{Kind: harness.Append, Cell: c.unread[unread][0], Value: c.values.next()})
	op.Name, op.Steps = "read-and-write", c.looks
	return op
}
