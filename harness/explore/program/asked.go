package program

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/internal/names"
)

// Asked is what of a program is to be explored, as flags say it.
type Asked struct {
	Only   []string // operations, one a client; none: all pairs
	Order  string   // the one order that is to be played; empty: all
	Faults []string // that are to strike; none: orders are explored
	Lanes  int      // databases, with copies of the program; 0: one
}

// Choose has the explorer look only at what is asked for, of the known operations, and reads the one order that is to be played.
func (x *Explorer) Choose(known []string, a *Asked) (order []int, err error) {
	if x.Faults, err = ParseFaults(a.Faults); err != nil {
		return nil, err
	}
	if x.Faults != nil {
		return nil, x.chosen(known, a.Only, a.Order)
	}
	if x.Clients < 2 || x.Clients > 4 || x.Schedules < 1 || a.Lanes < 0 {
		return nil, errors.New("--clients must be 2, 3 or 4, --budget and --lanes at least 1")
	}
	only, text := a.Only, a.Order
	for _, name := range only {
		if !slices.Contains(known, name) {
			return nil, names.Unknown("operation", name, known)
		}
	}
	if len(only) > 0 {
		if len(only) != x.Clients {
			return nil, fmt.Errorf("--only names %d operations, and there are %d clients: name one a client", len(only), x.Clients)
		}
		x.Only = [][]string{only}
	}
	if text == "" {
		return nil, nil
	}
	order, ok := ParseOrder(text, x.Clients)
	if !ok || x.Only == nil {
		return nil, fmt.Errorf("--order is %s: write who acts next, as in --only buy,buy --order 'a b b a'", names.Quote(text))
	}
	return order, nil
}

// chosen has the explorer look only at these of the known operations, in this order: one alone, or two, one after the other.
func (x *Explorer) chosen(known, only []string, order string) error {
	for _, name := range only {
		if !slices.Contains(known, name) {
			return names.Unknown("operation", name, known)
		}
	}
	x.Clients = 2 // as many copies of the program as there are operations, at most
	switch {
	case order != "":
		return errors.New("--order and --fault do not go together: requests that faults strike run one after the other")
	case len(only) > 2:
		return fmt.Errorf("--only names %d operations, and --fault takes one alone, or two, one after the other", len(only))
	case len(only) > 0:
		x.Only = [][]string{only}
	case len(x.Faults.Points) > 0:
		return fmt.Errorf("--fault %s names a point: name its operation too, as in --only buy", x.Faults.Points[0].Name(1))
	}
	return nil
}
