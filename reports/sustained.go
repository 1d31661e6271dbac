package reports

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
)

// stepColumns are the columns of the table of a sustained load; faulted: with faults.
func stepColumns(faulted bool) []string {
	all := []string{"clients", "ops/s", "p50", "p95", "p99", "max", "ok", "refused", "errors", "conflicts", "stmts/op", "tx/op", "retries/op", "db", "program", "verdict"}
	if faulted {
		all = append([]string{fmt.Sprintf("%-*s", len(rounds.DropConnection), "fault"), "struck"}, all...)
	}
	return all
}

// stepCells are what came of a number of clients, under stepColumns.
func stepCells(s *rounds.Step, faulted bool) []string {
	var ok, refused, errs, conflicts int64
	for _, o := range s.Operations {
		ok, refused, errs = ok+o.OK, refused+o.Rejected, errs+o.Failed+o.Unknown
	}
	for _, n := range s.Conflicts {
		conflicts += n
	}
	var cells []string
	if faulted {
		cells = append(cells, fmt.Sprintf("%-*s", len(rounds.DropConnection), cmp.Or(s.Fault, "none")), short(s.Struck))
	}
	cells = append(cells, fmt.Sprint(s.Clients), rate(s.PerSecond))
	for _, q := range []string{"p50", "p95", "p99", "max"} {
		cells = append(cells, digits(s.Latency[q], 3)+"ms")
	}
	return append(cells, short(ok), short(refused), short(errs), short(conflicts), digits(s.Statements, 3), digits(s.Transactions, 3), digits(s.Retries, 2),
		digits(s.InDatabase, 3)+"ms", digits(s.InProgram, 3)+"ms", symbol(s.Verdict)+" "+string(s.Verdict))
}

// stepLine is a line of the table.
func stepLine(cells []string, faulted bool) string {
	const least = 7
	parts := make([]string, len(cells))
	for i, c := range cells {
		parts[i] = pad("", max(least, len(stepColumns(faulted)[i]))-len([]rune(c))) + c
	}
	return strings.Join(parts, "  ")
}

// StepLine writes the table's line of a number of clients.
func StepLine(w io.Writer, r *rounds.Report, s *rounds.Step) error {
	p := &page{width: defaultWidth}
	p.line(stepLine(stepCells(s, r.Faulted()), r.Faulted()))
	return p.flush(w)
}

// step says below the table what its line has no room for.
func (p *page) step(s *rounds.Step) {
	p.line("")
	first := s.Name() + ": "
	var parts []string
	if s.Fault != "" {
		parts = append(parts, fmt.Sprintf("it struck %s", plural(int(s.Struck), "time")))
	}
	if s.Why != "" {
		parts = append(parts, "not decided: "+s.Why)
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Conflicts)) {
		parts = append(parts, fmt.Sprintf("the server told of %s (%s)", plural(int(s.Conflicts[kind]), "conflict"), kind))
	}
	if s.ServerErrors > 0 {
		text := "the server told of " + plural(int(s.ServerErrors), "error")
		if len(s.Conflicts) > 0 {
			text = "and of " + plural(int(s.ServerErrors), "other error")
		}
		parts = append(parts, text)
	}
	if s.Late > 0 {
		parts = append(parts, fmt.Sprintf("%s due, and no client was free to begin them", plural(int(s.Late), "more operation")))
	}
	for _, o := range s.Operations {
		text := fmt.Sprintf("%s: %s ok", o.Name, number(o.OK))
		if o.Rejected > 0 {
			text += fmt.Sprintf(", %s refused", number(o.Rejected))
		}
		if n := o.Failed + o.Unknown; n > 0 {
			text += fmt.Sprintf(", %s, such as %s", plural(int(n), "error"), o.Example)
		}
		parts = append(parts, text)
	}
	p.para(first, strings.Join(parts, "; "))
	for _, rule := range s.Broken {
		p.para("  Broken: ", rule)
	}
}

// stepLegend says what the columns mean.
func (p *page) stepLegend() {
	p.line("")
	p.para("", "p50 … max: from when an operation was due to its answer. conflicts: that the server told of on the wire. tx/op, stmts/op: transactions and statements an operation; retries/op: transactions beyond those that it takes alone. "+
		"db: time that statements of an operation were at the server; program: the rest of its time.")
}

// stepVerdict is a verdict in a sentence.
func stepVerdict(s *rounds.Step) string {
	switch s.Verdict {
	case harness.Unsafe:
		return "UNSAFE: " + strings.Join(s.Broken, "; ")
	case harness.Inconclusive:
		return "not decided: " + s.Why
	}
	return "no rule broke"
}

// RoundsText writes reports as run does.
func RoundsText(w io.Writer, all []rounds.Report) error {
	for i := range all {
		r := &all[i]
		if err := RoundsHead(w, 0, r, len(r.Steps) > 0); err != nil {
			return err
		}
		for k := range r.Cases {
			if err := RoundsCase(w, 0, r, &r.Cases[k]); err != nil {
				return err
			}
		}
		for k := range r.Steps {
			if err := StepLine(w, r, &r.Steps[k]); err != nil {
				return err
			}
		}
		if err := RoundsSum(w, 0, r); err != nil {
			return err
		}
	}
	return ThresholdsText(w, 0, rounds.Thresholds(all))
}

// RoundsSum says below what came of a program what holds for all of it.
func RoundsSum(w io.Writer, width int, r *rounds.Report) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	if c := r.Control; c != nil {
		p.line("")
		p.para("", controlText(c))
	}
	if len(r.Steps) > 0 {
		p.stepLegend()
	}
	for k := range r.Steps {
		p.step(&r.Steps[k])
	}
	return p.flush(w)
}
