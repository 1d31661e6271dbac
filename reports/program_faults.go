package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
)

// ProgramFaulted writes what came of faults at each point of some operations: how many of the points are all or nothing, and each that is
// not, with what the tables hold beside what they would hold had the operation happened, or not.
func ProgramFaulted(w io.Writer, width int, r *program.Report, f *program.Faulted) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	p.line("")
	p.para(f.Name()+": ", faultedVerdict(f))
	if kinds := faultedKinds(f); kinds != "" {
		p.para("  ", "All or nothing: "+kinds+".")
	}
	for _, n := range f.Notes {
		p.para("  ", n)
	}
	if f.Verdict != harness.Safe {
		p.statements(f)
	}
	var shown []*program.Point
	for i := range f.Points {
		point := &f.Points[i]
		switch {
		case point.Verdict == harness.Inconclusive:
			p.para("  ", "Not decided: "+point.Fault+": "+point.Why)
		case point.Verdict == harness.Unsafe && !slices.ContainsFunc(shown, func(o *program.Point) bool { return sameEnd(o, point) }):
			shown = append(shown, point)
			p.point(r, f, point)
		}
	}
	return p.flush(w)
}

// faultedVerdict is the verdict in a sentence.
func faultedVerdict(f *program.Faulted) string {
	n, broken, open := len(f.Points), f.Count(harness.Unsafe), f.Count(harness.Inconclusive)
	text := fmt.Sprintf("%s: %d all or nothing, %d not", plural(n, "point"), n-broken-open, broken)
	if open > 0 {
		text += fmt.Sprintf(", %d not decided", open)
	}
	switch {
	case f.Verdict == harness.Unsafe:
		return "UNSAFE: " + text
	case n == 0:
		return "not decided: " + f.Why
	case f.Verdict == harness.Inconclusive:
		return "not decided: " + text
	}
	return "safe: " + text
}

// faultedKinds is how many points of each kind are all or nothing.
func faultedKinds(f *program.Faulted) string {
	var parts []string
	for _, kind := range program.FaultKinds() {
		n, whole := 0, 0
		for i := range f.Points {
			if f.Points[i].Kind == kind {
				n++
				if f.Points[i].Verdict == harness.Safe {
					whole++
				}
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d of %d", kind, whole, n))
		}
	}
	return strings.Join(parts, ", ")
}

// statements lists what the operations do without a fault, with the numbers by which points are named.
func (p *page) statements(f *program.Faulted) {
	p.blank()
	count := map[int]int{}
	for i := range f.Statements {
		s := &f.Statements[i]
		count[s.Client]++
		number := fmt.Sprint(count[s.Client])
		if len(f.Operations) > 1 {
			number = program.ClientName(s.Client) + number
		}
		p.para(fmt.Sprintf("  %3s  ", number), statementText(s))
	}
}

// point shows a point that is not all or nothing.
func (p *page) point(r *program.Report, f *program.Faulted, point *program.Point) {
	p.blank()
	p.para("", pointSentence(f, point)+":")
	for i := range point.Tables {
		t := &point.Tables[i]
		p.para("  "+t.Table+": ", asIfText(f, point, t.AsIf))
		for _, side := range []struct {
			when string
			d    *program.Difference
		}{{"holds", &t.Holds}, {"happened", &t.Done}, {"not happened", &t.Undone}} {
			p.para(fmt.Sprintf("    %-14s", side.when+":"), rowsText(side.d.Rows))
		}
	}
	for _, rule := range point.Broken {
		p.para("  Broken: ", rule)
	}
	p.para("  Answered: ", toldText(point.Answers))
	if others := alsoAfter(f, point); len(others) > 0 {
		p.para("  The tables hold the same after: ", strings.Join(others, ", "))
	}
	p.line("  Again: " + striking(r, f, point))
}

// asIfText is what a table looks like.
func asIfText(f *program.Faulted, point *program.Point, as program.AsIf) string {
	return map[program.AsIf]string{
		program.Done: "as if " + f.Operations[point.Client] + " had happened", program.Undone: "as if it had not happened",
		program.Twice:   "as if " + f.Operations[point.Client] + " had happened twice",
		program.Neither: "neither as if it had happened, nor as if it had not",
	}[as]
}

// alsoAfter are the other points after which the tables hold the same.
func alsoAfter(f *program.Faulted, point *program.Point) (others []string) {
	for i := range f.Points {
		if o := &f.Points[i]; o != point && o.Verdict == harness.Unsafe && sameEnd(point, o) {
			others = append(others, o.Fault)
		}
	}
	return others
}

// striking is the command that has the fault strike again.
func striking(r *program.Report, f *program.Faulted, point *program.Point) string {
	return exploring(r, f.Operations, " --fault "+point.Fault)
}

// pointSentence says what happened where.
func pointSentence(f *program.Faulted, point *program.Point) string {
	op := f.Operations[point.Client]
	at := fmt.Sprintf("statement %d of %s", point.Statement, op)
	if point.SQL != "" {
		at += " (" + shorter(point.SQL) + ")"
	}
	if point.Statement == program.End {
		at = op + " was answered"
	}
	switch point.Kind {
	case program.LostCommit:
		return "The answer to " + at + " is lost, which is committed"
	case program.CutBefore:
		return "The connection is cut before " + at
	case program.CutAfter:
		return "The connection is cut after " + at
	case program.KillProgram:
		return "The program is killed after " + at
	case program.KillServer:
		return "The server is killed after " + at
	case program.Repeat:
		if point.Statement == 0 {
			return "The request of " + op + " is made again after its answer"
		}
		return "The answer to " + at + " is lost, which is committed, and the request is made again"
	}
	return point.Fault
}

func shorter(sql string) string {
	const most = 60
	if r := []rune(sql); len(r) > most {
		return string(r[:most]) + "…"
	}
	return sql
}

// sameEnd: the tables hold the same, and the same is said of them.
func sameEnd(a, b *program.Point) bool {
	if a.Client != b.Client || (a.Kind == program.Repeat) != (b.Kind == program.Repeat) {
		return false
	}
	return slices.EqualFunc(a.Tables, b.Tables, func(x, y program.Standing) bool {
		return x.Table == y.Table && x.AsIf == y.AsIf && rowsText(x.Holds.Rows) == rowsText(y.Holds.Rows)
	}) && slices.Equal(a.Broken, b.Broken)
}

// faultedJUnit is a test case for each list of operations that faults struck.
func faultedJUnit(r *program.Report) (cases []junitCase, err error) {
	for i := range r.Faults {
		f := &r.Faults[i]
		c := junitCase{Name: f.Name() + struckName, took: lasting(f.Seconds)}
		var text strings.Builder
		if err := ProgramFaulted(&text, 0, r, f); err != nil {
			return nil, err
		}
		switch f.Verdict {
		case harness.Unsafe:
			c.Failure = &junitNote{Message: faultedVerdict(f), junitText: newText(text.String())}
		case harness.Inconclusive:
			c.Skipped = &junitNote{Message: faultedVerdict(f)}
		}
		cases = append(cases, c)
	}
	return cases, nil
}
