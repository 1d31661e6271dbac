package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
)

const (
	// poolCells is about how many cells there are for all of a run: lists are left when they are full, and come round again
	// when there are no others.
	poolCells = 8192
	// fullAt is how many values a list or a range holds when clients leave it. Those who have not read it since add a few more.
	fullAt = 32
	// mostSteps is the longest transaction.
	mostSteps = 4
)

// poolOf is how many cells there are where so many are used at a time.
func poolOf(active int) int { return max(poolCells/active, 1) * active }

// contents is the state of cells that hold no numbers: they are empty, and nothing has a version.
func contents(g harness.Group) harness.State {
	s := harness.NewState(g, "", 0)
	s.Versions = nil
	return s
}

// values are different each time, and different from every other client's: a client's own sequence, and behind it the client.
type values struct{ client, used int64 }

// clientValues is how many clients keep values below 2^30 for a million writes each; more make larger ones.
const clientValues = 1 << 10

func (v *values) next() int64 {
	v.used++
	return v.client/clientValues<<40 | v.used*clientValues | v.client%clientValues
}

// grower is a client of lists and ranges, which only ever grow.
type grower struct {
	rand   *rand.Rand
	choose chooser // among the active ones
	sets   [][]harness.Cell
	rounds []int // by active one: how many it has left behind
	values values
	op     harness.Op
	steps  [mostSteps]harness.Step
}

func newGrower(id int, r *rand.Rand, choose chooser, active int, sets [][]harness.Cell) *grower {
	return &grower{rand: r, choose: choose, sets: sets, rounds: make([]int, active), values: values{client: int64(id)}}
}

// cell is the active cell of that number: of 10 active ones, the first goes on as cell 10, then 20.
func (g *grower) cell(i int) harness.Cell {
	active := len(g.rounds)
	return harness.Cell((i + g.rounds[i]*active) % len(g.sets))
}

// leave goes on from the cells that were found full. All clients leave them when they find out, so that they keep meeting,
// however fast each of them is.
func (g *grower) leave(seen []harness.Access) {
	for _, a := range seen {
		if a.Kind != harness.Finds {
			continue
		}
		i := int(a.Cell) % len(g.rounds)
		lap := g.rounds[i] * len(g.rounds) / len(g.sets) // how often it has been round already
		if g.cell(i) == a.Cell && a.Value >= int64(fullAt*(lap+1)) {
			g.rounds[i]++
		}
	}
}

func (g *grower) Next(last harness.Answer) *harness.Op {
	g.leave(last.Seen)
	n := 1 + g.rand.IntN(mostSteps)
	for i := range g.steps[:n] {
		c := g.cell(g.choose(g.rand))
		if g.rand.IntN(2) == 0 {
			g.steps[i] = harness.Step{Kind: harness.Read, Cells: g.sets[c]}
		} else {
			g.steps[i] = harness.Step{Kind: harness.Append, Cell: c, Value: g.values.next()}
		}
	}
	g.op = harness.Op{Name: "txn", Steps: g.steps[:n]}
	return &g.op
}

// grown holds the longest of a grower's transactions.
func grown(sets [][]harness.Cell) []harness.Op {
	read := harness.Step{Kind: harness.Read, Cells: sets[0]}
	write := harness.Step{Kind: harness.Append, Cell: 0, Value: 1}
	return []harness.Op{{Name: "txn", Steps: []harness.Step{read, write, read, write}}}
}
