package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// progressLine says where a run is.
func progressLine(i, n int, p engine.Progress) string {
	took := span(p.Elapsed)
	if p.Limit >= p.Elapsed { // a row that is undecided may go on
		took += " of " + span(p.Limit)
	}
	operations := number(p.Processed)
	if p.Ops > 0 {
		operations += " of " + number(p.Ops)
	}
	return fmt.Sprintf("row %d of %d: %s · %s · %s operations", i, n, harness.VisibleLine(p.Label.Workload+" on "+p.Label.String()), took, operations)
}

// nowLine says what a row does now; empty: nothing yet.
func nowLine(p engine.Progress, drawn bool) string {
	if p.Rate == 0 && p.Conflicts == 0 && p.Found == 0 {
		return ""
	}
	parts := []string{rate(p.Rate) + " ok/s"}
	if p.P50 > 0 {
		parts = append(parts, "p50 "+latency(p.P50), "p99 "+latency(p.P99))
	}
	if p.Conflicts > 0 {
		parts = append(parts, plural(int(p.Conflicts), "conflict"))
	}
	if p.Found > 0 {
		parts = append(parts, plural(int(p.Found), "violation")+" so far")
	}
	line := strings.Join(parts, " · ")
	if drawn && len(p.Rates) > 1 {
		line += "  " + spark(fewer(p.Rates, 24)) // where a narrow terminal cuts
	}
	return line
}

// fewer is values, or as many means of neighbours as there may be.
func fewer(values []float64, most int) []int64 {
	each := (len(values) + most - 1) / most
	var all []int64
	for i := 0; i < len(values); i += each {
		part, sum := values[i:min(i+each, len(values))], 0.0
		for _, v := range part {
			sum += v
		}
		all = append(all, int64(sum/float64(len(part))))
	}
	return all
}

// doneLine says what came of the rows before, and how long the others will take; empty: neither is known.
func (s *Progress) doneLine(i, n int, p engine.Progress, now time.Time) string {
	var surprises, safe, unsafe, open int
	for row := range s.done {
		switch {
		case row.Surprise():
			surprises++
		case row.Verdict() == harness.Unsafe:
			unsafe++
		case row.Verdict() == harness.Safe:
			safe++
		default:
			open++
		}
	}
	var parts, found []string
	for _, c := range []struct {
		n    int
		what string
	}{{surprises, "UNSAFE although expected safe"}, {safe, "safe"}, {unsafe, "unsafe as expected"}, {open, "not decided"}} {
		if c.n > 0 {
			found = append(found, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(found) > 0 {
		parts = append(parts, "done: "+strings.Join(found, ", "))
	}
	if left := s.pace.left(i, n, p, now); left != "" {
		parts = append(parts, left)
	}
	return strings.Join(parts, " · ")
}

// pace is how fast rows are decided.
type pace struct {
	row   int       // under way
	from  int       // the row that was seen first: others may have been over at once
	first time.Time // it was
	began time.Time // the row under way was
}

func (c *pace) see(row int, now time.Time) {
	if c.row == 0 {
		c.from, c.first = row, now
	}
	if row != c.row {
		c.row, c.began = row, now
	}
}

// left is how long rows will still take, going by those before; before one is done, as long as each may take.
func (c *pace) left(i, n int, p engine.Progress, now time.Time) string {
	if i <= c.from {
		if p.Limit == 0 {
			return ""
		}
		return "about " + span(max(p.Limit-p.Elapsed, 0)+time.Duration(n-i)*p.Limit) + " left"
	}
	mean := c.began.Sub(c.first) / time.Duration(i-c.from)
	return "about " + span(max(mean-now.Sub(c.began), 0)+time.Duration(n-i)*mean) + " left"
}
