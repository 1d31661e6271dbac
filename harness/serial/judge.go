package serial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Judge knows the serial executions of a few operations.
type Judge struct {
	seed     map[Column]map[string]bool // what the tables held before
	seeded   map[string]bool            // the times and tokens in it
	ignored  map[string]bool            // by name
	masks    map[Column]mask
	learned  int // how often a mask was widened
	orders   []Order
	readOnly []bool // clients that write nothing
	who      who    // whose values stand for clients; nil: nobody's
}

// Order is a serial order of some of the clients, and what came of it.
type Order struct {
	Clients []int
	Runs    []*Outcome
	canon   map[string]string // by who counts; made again when a mask is widened
	at      int               // of Judge.learned
}

// New makes a judge for clients who find the seed. ignore names tables, columns as table.column, or parts of answers as answers.body.name.
func New(start []Table, ignore []string) (*Judge, error) {
	j := &Judge{seed: map[Column]map[string]bool{}, seeded: map[string]bool{}, ignored: map[string]bool{}, masks: map[Column]mask{}}
	known := map[string]bool{}
	for _, t := range start {
		for c, name := range t.Columns {
			col := Column{t.Name, name}
			j.seed[col] = map[string]bool{}
			for _, r := range t.Rows {
				j.seed[col][r[c]] = true
				for _, tok := range tokens(r[c], nil) {
					if tok.shape == moment || tok.shape == random {
						j.seeded[tok.text] = true
					}
				}
			}
			known[t.Name], known[col.String()] = true, true
		}
	}
	for _, name := range ignore {
		if !known[name] && !strings.HasPrefix(name, answers+".") {
			return nil, fmt.Errorf("ignore: there is no table or column %s", name)
		}
		j.ignored[name] = true
	}
	return j, nil
}

func (j *Judge) isIgnored(col Column) bool { return j.ignored[col.Table] || j.ignored[col.String()] }

// Add takes in a serial execution. A *DifferError: it differs from an earlier one of the same order otherwise than executions may.
func (j *Judge) Add(clients []int, o *Outcome) error {
	for i := range j.orders {
		old := &j.orders[i]
		if !slices.Equal(old.Clients, clients) {
			continue
		}
		old.Runs = append(old.Runs, o)
		return j.learn(old.Runs[0], o)
	}
	j.orders = append(j.orders, Order{Clients: clients, Runs: []*Outcome{o}})
	return nil
}

// Orders are the serial orders so far.
func (j *Judge) Orders() []Order { return j.orders }

// ReadOnly says which clients write nothing.
func (j *Judge) ReadOnly(clients []bool) { j.readOnly = clients }

// Judge says what an execution is.
func (j *Judge) Judge(o *Outcome) Verdict { return j.judge(o, Column{}) }

func (j *Judge) judge(o *Outcome, without Column) Verdict {
	n := len(o.Answers)
	told, ok, writers := make([]bool, n), make([]bool, n), make([]bool, n)
	for i := range o.Answers {
		a := &o.Answers[i]
		told[i] = a.Outcome == harness.OK || a.Outcome == harness.Rejected
		ok[i] = a.Outcome == harness.OK
		writers[i] = told[i] && (i >= len(j.readOnly) || !j.readOnly[i])
	}
	switch {
	case j.fits(o, told, told, without):
		if j.surprised(o) {
			return Error
		}
		return Fits
	case j.fits(o, ok, ok, without):
		return LostSale
	case j.fits(o, told, writers, without):
		return StaleRead
	}
	return Violation
}

// fits reports whether some serial order in which all of must take part, and nobody who certainly did not, has the same outcome.
// Only who's answers count.
func (j *Judge) fits(o *Outcome, must, who []bool, without Column) bool {
	own := j.canon(o, who, without)
	for i := range j.orders {
		order := &j.orders[i]
		possible := true
		for c := range o.Answers {
			in := slices.Contains(order.Clients, c)
			certain := o.Answers[c].Outcome == harness.Failed || o.Answers[c].Outcome == harness.Rejected
			possible = possible && (in || !must[c]) && (!in || must[c] || !certain)
		}
		if possible && own == order.of(j, who, without) {
			return true
		}
	}
	return false
}

// of is the canonical form of what came of the order.
func (o *Order) of(j *Judge, who []bool, without Column) string {
	if o.canon == nil || o.at != j.learned {
		o.canon, o.at = map[string]string{}, j.learned
	}
	key := fmt.Sprintf("%v %q %q", who, without.Table, without.Name)
	if _, ok := o.canon[key]; !ok {
		o.canon[key] = j.canon(o.Runs[0], who, without)
	}
	return o.canon[key]
}

// surprised reports whether a client got an error that no serial order gives it.
func (j *Judge) surprised(o *Outcome) bool {
	for c := range o.Answers {
		if got := o.Answers[c].Outcome; got != harness.Unknown && got != harness.Failed {
			continue
		}
		usual := false
		for i := range j.orders {
			if slices.Contains(j.orders[i].Clients, c) {
				usual = usual || j.orders[i].Runs[0].Answers[c].Outcome == o.Answers[c].Outcome
			}
		}
		if !usual {
			return true
		}
	}
	return false
}

// Learned counts what was found to be volatile so far: a verdict from before it has changed is to be judged again.
func (j *Judge) Learned() int { return j.learned }

// Volatile are the columns of which something may differ.
func (j *Judge) Volatile() (all []Column) {
	for col := range j.masks {
		all = append(all, col)
	}
	return all
}

// Culprits are the columns of which any one, if it did not count, would make the execution fit.
func (j *Judge) Culprits(o *Outcome) (all []Column) {
	for _, t := range j.all(o, nil) {
		for _, name := range t.Columns {
			if col := (Column{t.Name, name}); !j.isIgnored(col) && t.Links[name] == "" && j.judge(o, col) == Fits {
				all = append(all, col)
			}
		}
	}
	return all
}

// all are the tables of an outcome: those of the store, and those of the answers that count.
func (j *Judge) all(o *Outcome, who []bool) []Table {
	tables := slices.Clone(o.Tables)
	for c := range o.Answers {
		if o.Answers[c].Given && (who == nil || who[c]) {
			tables = append(tables, o.Answers[c].Parts...)
		}
	}
	return tables
}

// newKeys are the values that sequences have generated in an execution.
func (j *Judge) newKeys(o *Outcome) keys {
	all := keys{}
	for _, t := range o.Tables {
		for c, name := range t.Columns {
			sequence := t.Keys[name]
			if sequence == "" {
				continue
			}
			for _, r := range t.Rows {
				if !j.seed[Column{t.Name, name}][r[c]] && !slices.Contains(all[r[c]], sequence) {
					all[r[c]] = append(all[r[c]], sequence)
				}
			}
		}
	}
	return all
}
