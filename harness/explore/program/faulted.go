package program

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Faulted is what came of faults that struck at each point of an operation alone, or of two, one after the other.
type Faulted struct {
	Operations []string        `json:"operations"` // by client, in the order in which they run
	Verdict    harness.Verdict `json:"verdict"`    // unsafe: at some point it is not all or nothing
	Why        string          `json:"why,omitempty"`
	Statements []Step          `json:"statements"` // without a fault
	Points     []Point         `json:"points"`
	Notes      []string        `json:"notes,omitempty"`
	Seconds    float64         `json:"seconds"`
}

// Point is what came of one fault.
type Point struct {
	Fault     string          `json:"fault"` // as --fault reads it
	Kind      FaultKind       `json:"kind"`
	Client    int             `json:"client"`
	Statement int             `json:"statement"` // of the client's, from 1; 0: none; End: after the answer
	SQL       string          `json:"sql,omitempty"`
	Verdict   harness.Verdict `json:"verdict"`
	Why       string          `json:"why,omitempty"`
	Answers   []string        `json:"answers"` // by client
	Broken    []string        `json:"broken,omitempty"`
	Tables    []Standing      `json:"tables,omitempty"` // that tell whether the operation has happened
}

// Standing is what a table holds after a fault, beside what it would hold had the operation happened, or not.
type Standing struct {
	Table  string     `json:"table"`
	AsIf   AsIf       `json:"as_if"`
	Holds  Difference `json:"holds"`
	Done   Difference `json:"done"`
	Undone Difference `json:"undone"`
}

// AsIf is what a table looks like.
type AsIf string

// What it can look like.
const (
	Done    AsIf = "done"
	Undone  AsIf = "undone"
	Twice   AsIf = "twice"
	Neither AsIf = "neither"
)

// Name is the operations, for people.
func (f *Faulted) Name() string { return strings.Join(f.Operations, ", then ") }

// Count is how many of the points have a verdict.
func (f *Faulted) Count(v harness.Verdict) (n int) {
	for i := range f.Points {
		if f.Points[i].Verdict == v {
			n++
		}
	}
	return n
}
