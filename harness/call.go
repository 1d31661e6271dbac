package harness

import (
	"errors"
	"fmt"
	"iter"
	"math"
)

// What Result.Err matches when a Call ended the operation; the store did nothing wrong.
var (
	ErrDeclined    = errors.New("service declined")
	ErrServiceDown = errors.New("service is down")
)

// Answer is what the service of a Call says: nil, ErrDeclined, or ErrServiceDown ("payment service is down").
func (s *Step) Answer() error {
	switch s.Outcome {
	case OK:
		return nil
	case Rejected:
		return fmt.Errorf("%s %w", s.Service, ErrDeclined)
	}
	return fmt.Errorf("%s %w", s.Service, ErrServiceDown)
}

// Calls reports whether the operation asks an outside service: then it may be taken back after all of its writes.
func (o *Op) Calls() bool {
	for i := range o.Steps {
		if o.Steps[i].Kind == Call {
			return true
		}
	}
	return false
}

// Refusal is the first of the operation's Calls that does not answer OK, or nil.
func (o *Op) Refusal() *Step {
	for i := range o.Steps {
		if s := &o.Steps[i]; s.Kind == Call && s.Outcome != OK {
			return s
		}
	}
	return nil
}

// NoCell is behind all cells.
const NoCell = Cell(math.MaxInt32)

// CallsBefore ranges over the operation's Calls whose turn has come, from step *i on, for whoever writes the operation's
// cells in cell order and is about to write c (NoCell: has written all): the cells of all steps ahead of them are written.
// *i, 0 at first, becomes the step to go on from.
func (o *Op) CallsBefore(i *int, c Cell) iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		for *i < len(o.Steps) {
			s := &o.Steps[*i]
			if s.Kind == Add && s.Cell >= c {
				return
			}
			*i++
			if s.Kind == Call && !yield(s) {
				return
			}
		}
	}
}
