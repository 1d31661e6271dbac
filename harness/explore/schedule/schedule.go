package schedule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Schedule is what a file holds.
type Schedule struct {
	File     string // where it was read from, as errors name it
	Name     string // P4
	About    string // a sentence
	Hazard   string // promise.Hazard's name: what a level must be declared to prevent if the anomaly is not to be let through
	Level    harness.Level
	Setup    []Statement
	Sessions []string // in the order in which they are shown
	Steps    []Step   // in the order in which they take turns
	Allowed  []Claim  // the anomaly was let through if all of them hold
	Expect   []Claim  // what should be so

	// Invariants are what must hold after each order of the statements, where all are played. Without any, outcomes must be as some
	// order of whole sessions gives them; Ignore are tables, and columns as table.column, that may differ then.
	Invariants []Invariant
	Ignore     []string

	// Operations, if set, are what is scheduled: there are no statements then, and no sessions and claims.
	Operations *Operations
}

// Statement is one statement of SQL.
type Statement struct {
	SQL  string
	Only Products
	Line int // of the file
}

// Step is a session's statement.
type Step struct {
	Statement
	Session string
	Label   string // what claims call it; empty: they do not
}

// Invariant is a rule of the user's: SQL that returns the rows that break it.
type Invariant struct {
	Statement
	Name string
}

// Products are those that a line is for. Without names it is for all.
type Products struct {
	Names []string // as targets have them: mysql
	Not   bool     // all but these
}

// Has reports whether the line is for a product.
func (p Products) Has(product string) bool {
	return len(p.Names) == 0 || slices.Contains(p.Names, product) != p.Not
}

// String is "@mysql,mariadb" or "@!mysql"; empty for all.
func (p Products) String() string {
	switch {
	case len(p.Names) == 0:
		return ""
	case p.Not:
		return "@!" + strings.Join(p.Names, ",")
	}
	return "@" + strings.Join(p.Names, ",")
}

// overlap reports whether some product is among both.
func (p Products) overlap(o Products) bool {
	switch {
	case len(p.Names) == 0 || len(o.Names) == 0 || p.Not && o.Not:
		return true
	case p.Not:
		return slices.ContainsFunc(o.Names, p.Has)
	}
	return slices.ContainsFunc(p.Names, o.Has)
}

// Error is a mistake in a schedule file.
type Error struct {
	File string
	Line int // from 1; 0: the file as a whole
	What string
	Err  error // what What tells, if it comes from elsewhere
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// Unwrap is what the error comes from.
func (e *Error) Unwrap() error { return e.Err }

// errorf is an error on a line of the schedule.
func (s *Schedule) errorf(line int, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{File: s.File, Line: line, What: err.Error(), Err: errors.Unwrap(err)}
}

// CheckProducts says which line names a product that is not among those known.
func (s *Schedule) CheckProducts(known []string) error {
	check := func(p Products, line int) error {
		for _, name := range p.Names {
			if !slices.Contains(known, name) {
				return s.errorf(line, "unknown product @%s; there are: %s", name, strings.Join(known, ", "))
			}
		}
		return nil
	}
	for _, st := range s.Setup {
		if err := check(st.Only, st.Line); err != nil {
			return err
		}
	}
	for i := range s.Steps {
		if err := check(s.Steps[i].Only, s.Steps[i].Line); err != nil {
			return err
		}
	}
	for _, i := range s.Invariants {
		if err := check(i.Only, i.Line); err != nil {
			return err
		}
	}
	for _, c := range slices.Concat(s.Allowed, s.Expect) {
		if err := check(c.Only, c.Line); err != nil {
			return err
		}
	}
	return nil
}

// Title is its name, or the file's.
func (s *Schedule) Title() string { return cmp.Or(s.Name, s.File) }

// HazardOf is the hazard that the schedule shows, if it names one.
func (s *Schedule) HazardOf() (promise.Hazard, bool) {
	return hazardNamed(s.Hazard)
}

func hazardNamed(name string) (promise.Hazard, bool) {
	for _, h := range (^promise.Hazards(0)).List() {
		if h.String() == name {
			return h, true
		}
	}
	return 0, false
}
