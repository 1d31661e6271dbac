package serial

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Outcome is what came of an execution.
type Outcome struct {
	Answers []Answer // by client
	Tables  []Table  // of the store: in all outcomes the same, in the same order
}

// Answer is what a client was told.
type Answer struct {
	Given   bool // the client took part
	Outcome harness.Outcome
	Parts   []Table // what it says, as tables of texts: Body makes them
	Text    string  // for people
}

// Table is rows of texts.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
	// Keys are the columns whose values are generated, by which sequence: keys of one sequence are told apart only by what refers
	// to them.
	Keys map[string]string
	// Links are the columns that say which row of a list this one is, or belongs to: which list's. The rows have no order.
	Links map[string]string
}

// Column is one of a table's.
type Column struct{ Table, Name string }

// answerOf is how the tables of an answer are called, before the client's name.
const answerOf = "answer of "

// answers is what a user calls them, in what may differ.
const answers = "answers"

func (c Column) String() string {
	if strings.HasPrefix(c.Table, answerOf) {
		return answers + "." + c.Name
	}
	return c.Table + "." + c.Name
}

// Verdict is what an execution is, beside the serial ones.
type Verdict int

// The verdicts.
const (
	Fits      Verdict = iota // as some serial order gives
	LostSale                 // a client was refused that no serial order refuses; without it, some order fits
	Error                    // a client got an error that no serial order gives; what it left is as some order gives
	StaleRead                // only what a client that writes nothing was told fits no serial order
	Violation                // as no serial order gives
)

var verdicts = [...]string{"fits", "lost sale", "error", "stale read", "violation"}

func (v Verdict) String() string { return verdicts[v] }
