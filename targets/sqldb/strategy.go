package sqldb

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Strategy is a way of writing buy() against a SQL database.
type Strategy struct {
	Name    string       // lower case, with hyphens: the same word on the command line, in reports and in histories
	Explain string       // one sentence: what it promises, or which bug it is
	Plan    promise.Plan // how it protects what it reads: its promise at each level is derived from this

	Check        bool // the cells' tables carry CHECK (value >= 0)
	UniqueSlot   bool // Plan.Rows: a unique index numbers the units
	SessionLocks bool // it takes locks that belong to a session, not to a transaction
	OneStatement bool // it is one statement, which commits by itself
	// Contents: it is for cells that hold no numbers, and for nothing else. Do then makes operations that only read as well, and
	// the level's model is what is promised.
	Contents bool

	// Skip says why the strategy cannot do these operations in this dialect; empty: it can. Nil: it always can.
	Skip func(d *Dialect, s *Shape) string
	// Do makes one attempt at an operation that writes; those that only read are not its business. It returns nil once all of
	// it is committed, errRejected, a conflict, or the driver's error, wrapped or not. It needs no ROLLBACK, and never retries.
	Do func(a *attempt) error
}

// Strategies are all strategies, in the order in which they are shown.
func Strategies() []Strategy {
	return []Strategy{
		naiveAutocommit(), naiveTx(), checkThenAct(), checkConstraint(), atomic(), subqueryGuard(), singleStatement(),
		forUpdate(), forUpdateUnordered(), noWait(), optimistic(), uniqueSlot(), countInsert(), advisory(), advisoryLate(),
		plain(),
	}
}

// Infos explains all strategies.
func Infos() []store.StrategyInfo {
	var infos []store.StrategyInfo
	for _, s := range Strategies() {
		info := store.StrategyInfo{Name: s.Name, Explain: s.Explain}
		if !s.Contents {
			info.Plan = &s.Plan
		}
		infos = append(infos, info)
	}
	return infos
}

func find(name string) *Strategy {
	for _, s := range Strategies() {
		if s.Name == name {
			return &s
		}
	}
	return nil
}

func (s *Strategy) skip(d *Dialect, spec *store.RowSpec) string {
	switch content, same := spec.Start.Content(); {
	case !same:
		return "its tables hold different things, and no strategy takes those together"
	case content == harness.Numbers && s.Contents:
		return "it protects nothing; it is for transactions over lists, registers and rows"
	case content != harness.Numbers && !s.Contents:
		return "it is a way of changing numbers, and these transactions have none"
	}
	if s.Skip == nil {
		return ""
	}
	return s.Skip(d, shapeOf(spec))
}

// Shape is what strategies ask about a workload's operations.
type Shape struct {
	Cells       int    // the most cells that one operation touches
	Guards      int    // the most guarded steps in one operation
	Calls       bool   // some operation calls an outside service
	ReadsOthers bool   // some guard reads a cell that the operation does not write
	Claims      string // the table of units, where each unit can be a row
}

func shapeOf(spec *store.RowSpec) *Shape {
	var s Shape
	if len(spec.Start.Groups) == 1 {
		s.Claims = spec.Start.Groups[0].Claims
	}
	for i := range spec.Samples {
		op := &spec.Samples[i]
		s.Cells = max(s.Cells, len(op.Touches(nil)))
		guards := 0
		for j := range op.Steps {
			if len(op.Steps[j].Guard.Cells) > 0 {
				guards++
			}
		}
		s.Guards = max(s.Guards, guards)
		s.Calls = s.Calls || op.Calls()
		s.ReadsOthers = s.ReadsOthers || op.ReadsOthers()
	}
	return &s
}

// needsOwnGuard skips what cannot guard a sum over several rows.
func needsOwnGuard(_ *Dialect, s *Shape) string {
	if s.ReadsOthers {
		return "the guard reads several rows, and a row's own WHERE or CHECK sees only one"
	}
	return ""
}

func needsClaims(_ *Dialect, s *Shape) string {
	if s.Claims == "" {
		return "only single units can be rows of their own, not amounts of money"
	}
	return ""
}

// skipFirst is the first reason among several.
func skipFirst(skips ...func(*Dialect, *Shape) string) func(*Dialect, *Shape) string {
	return func(d *Dialect, s *Shape) string {
		for _, skip := range skips {
			if why := skip(d, s); why != "" {
				return why
			}
		}
		return ""
	}
}

// offered skips where the dialect's field is empty.
func offered(field func(*Dialect) bool, why string) func(*Dialect, *Shape) string {
	return func(d *Dialect, _ *Shape) string {
		if field(d) {
			return ""
		}
		return why
	}
}

func plainRead(st *statements) string  { return st.read }
func lockedRead(st *statements) string { return st.readLock }
func noWaitRead(st *statements) string { return st.readNoWait }

// conflict is an attempt's end because another was faster.
func conflict(kind harness.Conflict, format string, args ...any) error {
	return &conflictError{conflict: kind, what: fmt.Sprintf(format, args...)}
}
