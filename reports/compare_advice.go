package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/threshold"
)

// compareWhy says what was measured that may be why figures got worse, of the row that got worse most.
func compareWhy(r *compare.Result) []string {
	var why []string
	if text := serversDiffer(r.Old.Servers, r.New.Servers); text != "" {
		why = append(why, text)
	}
	row := slowest(r)
	if row == nil {
		return why
	}
	database, rest := figureOf(row, "database"), figureOf(row, "program")
	switch {
	case gotWorse(database) && database.New.Median-database.Old.Median > restGrew(rest):
		why = append(why, fmt.Sprintf("%s: an operation's statements took %s at the server, and %s before: it is the database that got slower, not the program around it.",
			row.Name, text(database, &database.New), text(database, &database.Old)))
	case gotWorse(rest):
		why = append(why, fmt.Sprintf("%s: beside its statements an operation took %s, and %s before: it is the program that got slower, not its database.",
			row.Name, text(rest, &rest.New), text(rest, &rest.Old)))
	}
	for _, one := range []struct{ name, meaning string }{
		{"conflicts", "more attempts were ended by a conflict, and made again"}, {"failed", "more operations failed, or have an unknown fate"},
	} {
		if f := figureOf(row, one.name); gotWorse(f) {
			why = append(why, fmt.Sprintf("%s: %s %s, and %s before: %s.", row.Name, f.Metric, text(f, &f.New), text(f, &f.Old), one.meaning))
		}
	}
	if slower, all := slowerRows(r); slower == all && all > 2 {
		why = append(why, fmt.Sprintf("All %d rows got slower: that looks like the machine or the server, not like one of them.", all))
	}
	if len(why) == 0 {
		why = append(why, "Nothing that was measured beside it says why: servers and their settings are the same, and conflicts did not grow.")
	}
	return why
}

// compareDo says what to do about what got worse.
func compareDo(r *compare.Result) []string {
	var do []string
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Change == compare.Violation {
			do = append(do, fmt.Sprintf("%s breaks: mend that before anything is measured again. This shows it again: %s", row.Name, row.Command))
			break
		}
	}
	if row := slowest(r); row != nil && row.Command != "" {
		do = append(do, "See whether it stays: run the row that got worse most again, on both sides, and nothing else on the machine: "+row.Command)
		if text := serversDiffer(r.Old.Servers, r.New.Servers); text != "" {
			do = append(do, "Set the server back to what it was, and measure once more: either the figures come back, or it was something else.")
		} else if gotWorse(figureOf(row, "database")) {
			do = append(do, "Look at what changed in statements, indexes, triggers and the amount of data between the two: EXPLAIN (ANALYZE, BUFFERS), or pg_stat_statements, of the statements that lastseat trace lists.")
		}
	}
	if r.More != "" {
		do = append(do, "Make more samples of each side, so that a change can be told from luck: "+r.More)
	}
	return do
}

// serversDiffer says in what the servers of two sides differ; empty: in nothing that is known.
func serversDiffer(old, now []string) string {
	parts := func(all, others []string) string {
		var own []string
		other := strings.Split(strings.Join(others, ", "), ", ")
		for _, part := range strings.Split(strings.Join(all, ", "), ", ") {
			if part != "" && !slices.Contains(other, part) && !slices.Contains(own, part) {
				own = append(own, part)
			}
		}
		return strings.Join(own, ", ")
	}
	was, is := parts(old, now), parts(now, old)
	if was == "" && is == "" {
		return ""
	}
	return fmt.Sprintf("The servers differ: %s before, %s now.", orNothing(was), orNothing(is))
}

func orNothing(text string) string {
	if text == "" {
		return "nothing beside"
	}
	return text
}

// slowest is the first row whose throughput or latency got worse: rows are sorted by how much they did; nil: none.
func slowest(r *compare.Result) *compare.Row {
	for i := range r.Rows {
		if slower(&r.Rows[i]) {
			return &r.Rows[i]
		}
	}
	return nil
}

func slower(row *compare.Row) bool {
	return slices.ContainsFunc([]string{threshold.Throughput, "p50", "p90", "p95", "p99"}, func(name string) bool { return gotWorse(figureOf(row, name)) })
}

// slowerRows is how many rows got slower, of those that are measured.
func slowerRows(r *compare.Result) (n, all int) {
	for i := range r.Rows {
		if throughput(&r.Rows[i]) == nil {
			continue
		}
		if all++; slower(&r.Rows[i]) {
			n++
		}
	}
	return n, all
}

func figureOf(row *compare.Row, metric string) *compare.Figure {
	if i := slices.IndexFunc(row.Figures, func(f compare.Figure) bool { return f.Metric == metric }); i >= 0 {
		return &row.Figures[i]
	}
	return nil
}

func gotWorse(f *compare.Figure) bool { return f != nil && f.Differs && f.Worse }

func restGrew(f *compare.Figure) float64 {
	if f == nil {
		return 0
	}
	return f.New.Median - f.Old.Median
}

func text(f *compare.Figure, s *compare.Summary) string { return f.Unit.Text(s.Median) }
