package rounds

import (
	"context"
	"errors"
	"slices"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
)

// oracle says what came of a burst, beside the serial executions that it has seen.
type oracle interface {
	// learn runs serial executions once more. A *serial.DifferError: the program is not deterministic.
	learn(ctx context.Context, lane Lane) error
	Judge(o *serial.Outcome) serial.Verdict
	// Struck reports whether it is all or nothing where a fault has struck: a client who was told ok has taken part, one who has no answer
	// may have, and the tables hold what some serial order of those gives.
	Struck(o *serial.Outcome) bool
	Volatile() []serial.Column
	Culprits(o *serial.Outcome) []serial.Column
	// expected is an outcome that a serial order of all clients gives, for people.
	expected(o *serial.Outcome) *serial.Outcome
}

// alike is the oracle of clients that are alike: one serial order stands for all. Others are run to see whether they are.
type alike struct {
	*serial.Alike
	clients int
	runs    int
}

// learn runs the clients in the order of their names, and in another: backwards, or from the middle outwards.
func (a *alike) learn(ctx context.Context, lane Lane) error {
	for _, order := range [][]int{upwards(a.clients), [][]int{backwards(a.clients), halves(a.clients)}[a.runs%2]} {
		after, err := lane.Prefixes(ctx, order)
		if err != nil {
			return err
		}
		if err := a.Add(order, after); err != nil {
			return err
		}
	}
	a.runs++
	return nil
}

func (a *alike) Struck(o *serial.Outcome) bool { return a.Alike.Struck(o) }

func (a *alike) expected(*serial.Outcome) *serial.Outcome { return a.After(a.clients) }

func upwards(n int) (order []int) {
	for i := range n {
		order = append(order, i)
	}
	return order
}

func backwards(n int) (order []int) {
	for i := range n {
		order = append(order, n-1-i)
	}
	return order
}

// halves begins in the middle: those of the second half first.
func halves(n int) []int { return append(upwards(n)[n/2:n:n], upwards(n/2)...) }

// everyOrder is the oracle of a few clients of whom nothing is known: all orders of all of their subsets are run.
type everyOrder struct {
	judge   *serial.Judge
	clients int
}

// Struck takes none at its word but for whether it was done: a program that came to make a connection anew may say so.
func (e *everyOrder) Struck(o *serial.Outcome) bool {
	return e.judge.Struck(o, slices.Repeat([]bool{true}, e.clients), false)
}

func (e *everyOrder) Judge(o *serial.Outcome) serial.Verdict { return e.judge.Judge(o) }

func (e *everyOrder) Volatile() []serial.Column { return e.judge.Volatile() }

func (e *everyOrder) Culprits(o *serial.Outcome) []serial.Column { return e.judge.Culprits(o) }

func (e *everyOrder) learn(ctx context.Context, lane Lane) error {
	for _, order := range program.Orders(e.clients) {
		o, err := lane.Serial(ctx, order)
		if err != nil {
			return err
		}
		if err := e.judge.Add(order, o); err != nil {
			return err
		}
	}
	return nil
}

// expected is the order whose answers are the most alike.
func (e *everyOrder) expected(o *serial.Outcome) (best *serial.Outcome) {
	most := -1
	for _, order := range e.judge.Orders() {
		if len(order.Clients) < e.clients {
			continue
		}
		same := 0
		for c := range o.Answers {
			if o.Answers[c].Text == order.Runs[0].Answers[c].Text {
				same++
			}
		}
		if same > most {
			best, most = order.Runs[0], same
		}
	}
	return best
}

// rules is the oracle where nobody knows what is right but the user: what Lane.Broken says is all there is.
type rules struct{}

func (rules) learn(context.Context, Lane) error { return nil }

func (rules) Judge(*serial.Outcome) serial.Verdict { return serial.Fits }

func (rules) Struck(*serial.Outcome) bool { return true }

func (rules) Volatile() []serial.Column { return nil }

func (rules) Culprits(*serial.Outcome) []serial.Column { return nil }

func (rules) expected(*serial.Outcome) *serial.Outcome { return nil }

// newOracle makes a case's oracle: of clients who are alike as far as anybody knows, of a few, or of many who are not alike.
func (c *running) newOracle() (err error) {
	n := len(c.Operations)
	if c.ByRules {
		c.oracle = rules{}
		return nil
	}
	if c.Alike {
		var words [][]string
		for i := range n {
			words = append(words, c.run.Words(c.Operations[i], i))
		}
		judge, err := serial.NewAlike(c.run.Start, c.run.Ignore, words)
		c.oracle = &alike{Alike: judge, clients: n}
		return err
	}
	judge, err := serial.New(c.run.Start, c.run.Ignore)
	if err != nil {
		return err
	}
	reads := make([]bool, n)
	for i, name := range c.Operations {
		reads[i] = c.run.readOnly[name]
	}
	judge.ReadOnly(reads)
	c.oracle = &everyOrder{judge: judge, clients: n}
	return nil
}

// learn runs serial executions once more. Where clients turn out not to be alike, a few of them begin anew with the other oracle.
func (c *running) learn(ctx context.Context) error {
	if c.differs != nil {
		return nil
	}
	c.run.Lane.Cast(c.Operations)
	err := c.oracle.learn(ctx, c.run.Lane)
	var differ *serial.DifferError
	var unlike *serial.UnlikeError
	switch {
	case errors.As(err, &unlike):
		c.unlike(unlike)
		return c.newOracle()
	case errors.As(err, &differ):
		c.differs = err
		return nil
	}
	c.learned++
	return err
}

// mostOrdered is how many clients of whom nothing is known can be judged: each one more takes several times as many orders.
const mostOrdered = 4

// unlike begins a case anew with few clients.
func (c *running) unlike(why error) {
	c.Case = Case{Fault: c.Fault, Operations: c.Operations[:min(len(c.Operations), mostOrdered)], Notes: []string{why.Error() + ": so all serial orders of these clients were run"}}
	c.learned, c.confirmed = 0, false
}
