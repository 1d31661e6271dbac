package reports

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/suite"
)

// drawReport draws a run: names with wide characters and with combining ones, sweeps, open loops, surprises, errors, skips, rows that
// were not decided, few and many rows.
func drawReport(t *rapid.T) *Result {
	targets := []string{"memory", "データベース", "postgres-15-of-the-shop", "e\u0301te\u0301", "🎫"}
	strategies := []string{"naive", "for-update", "座席を予約する", "naive-tx", "check-constraint", "a-strategy-of-one's-own-with-a-very-long-name"}
	promises := []*promise.Promise{
		splitPromise, lockPromise, condPromise, verPromise, levelPromise("PostgreSQL serializable"), lets("MySQL", promise.P4), lets("MySQL", promise.PMPWrite),
	}
	r := &Result{Seed: 1, Servers: servers()}
	open, swept := rapid.Bool().Draw(t, "open loop"), rapid.Bool().Draw(t, "swept")
	if rapid.IntRange(0, 4).Draw(t, "reference") == 0 {
		r.Reference = suite.Reference{Strategy: "naive"}
	}
	for range rapid.IntRange(1, 9).Draw(t, "rows") {
		pick := func(list []string, of string) string { return rapid.SampledFrom(list).Draw(t, of) }
		p := rapid.SampledFrom(promises).Draw(t, "promise")
		ops := rapid.SampledFrom([]int64{3, 950, 81_234, 7_654_321}).Draw(t, "ops")
		violations := rapid.SampledFrom([]int64{0, 0, 3, 1_204_311}).Draw(t, "violations")
		row := ran(pick(targets, "target"), "", pick(strategies, "strategy"), rapid.SampledFrom(harness.Levels()).Draw(t, "level"), p, ops, time.Millisecond, violations)
		row.Label.Env = pick([]string{"", "", "redis", "redis-early-release+席"}, "around")
		row.Label.Fault = pick([]string{"", "", "", "kill-server"}, "fault")
		if swept {
			row.Clients, row.Cells = rapid.SampledFrom([]int{1, 64, 1024}).Draw(t, "clients"), rapid.SampledFrom([]int{1, 10}).Draw(t, "cells")
		}
		if open {
			row.Report.Accounting.Lag.Record(3 * time.Millisecond)
			row.Report.Accounting.Dropped = ops
		}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			row.Err, row.Report = errors.New("set up: "+strings.Repeat("permission denied for データベース ", 4)), nil
		case 1:
			row.Skip, row.Report = "the engine has no such thing, and says so at some length: "+pick(strategies, "skip"), nil
		case 2:
			row.Skip, row.Report, row.Foreign = "no such thing", nil, true
		case 3:
			row = undecidedRow(row, 561, "only 561 of 1000 trials", "run longer")
		case 4:
			row = repeatedRow(row, -1, 0, 1, 2, -2, 1)
		case 5:
			row.Report.Control = nil
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

var betweenColumns = regexp.MustCompile(" {2,}")

// TestWidths: at every width from 80 to 200, no line is wider; columns are left out in the order of their worth, the least first; and no
// row takes two lines where one suffices.
func TestWidths(t *testing.T) {
	worth := slices.Clone(leastWorth)
	worth = append(worth, rowColumn, clientsColumn, cellsColumn, rateColumn, skewColumn, verdictColumn, reasonColumn)
	if slices.Sort(worth); len(slices.Compact(worth)) != len(columns) {
		t.Fatalf("not each column has its worth once: %v", worth)
	}
	for width := 80; width <= 200; width++ {
		checkWidth(t, sample(), width)
		checkWidth(t, surprises(), width)
		checkWidth(t, surrounded(), width)
	}
	for width := 80; width <= 200; width += 15 { // these take longer
		for _, r := range []*Result{swept(), repeated(), models()} {
			checkWidth(t, r, width)
		}
	}
	if t.Failed() {
		return
	}
	checkWidth(t, many(), 80)
	rapid.Check(t, func(rt *rapid.T) { checkWidth(rt, drawReport(rt), rapid.IntRange(80, 200).Draw(rt, "width")) })
}

func checkWidth(t rapid.TB, r *Result, width int) {
	t.Helper()
	var b, explained strings.Builder
	if err := errors.Join(Table(&b, r, TableOptions{Width: width}), Explain(&explained, r, width)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String() + explained.String()) {
		line = strings.TrimSuffix(line, "\n")
		if w := twwidth.Width(line); w > width && !strings.HasPrefix(line, "  re-") && len(strings.Fields(line)) > 2 { // commands and names are not wrapped
			t.Errorf("%d columns, more than %d: %s", w, width, line)
		}
	}
	var names []string
	for _, i := range usedColumns(r) {
		names = append(names, headings(r)[i])
	}
	groups := slices.DeleteFunc(groups(r), func(g *group) bool { return len(g.rows) == 0 })
	tables := tablesIn(b.String())
	if len(tables) != len(groups) {
		t.Fatalf("%d tables for %d groups of rows:\n%s", len(tables), len(groups), b.String())
	}
	for i, g := range groups {
		shown := betweenColumns.Split(tables[i][0], -1)
		gone := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(shown, n) })
		var droppable []string
		for _, c := range leastWorth {
			if n := headings(r)[c]; slices.Contains(names, n) {
				droppable = append(droppable, n)
			}
		}
		slices.SortFunc(gone, func(a, b string) int { return slices.Index(droppable, a) - slices.Index(droppable, b) })
		if !slices.Equal(gone, droppable[:len(gone)]) {
			t.Errorf("width %d: the columns %q are left out, which are not those of least worth", width, gone)
		}
		failed := slices.ContainsFunc(g.rows, func(row *Row) bool { return row.Failed() })
		if lines := len(tables[i]) - 1; !failed && lines != len(g.rows) && suffices(r, width) {
			t.Errorf("width %d: %d lines for %d rows, and the width suffices:\n%s", width, lines, len(g.rows), strings.Join(tables[i], "\n"))
		}
	}
}

// suffices reports whether all rows fit, each into one line, with the columns that every table has.
func suffices(r *Result, width int) bool {
	short := measure(r, groups(r), false)
	need := 0
	for _, i := range short.without(leastWorth).shown {
		need += short.widths[i] + columnGap
	}
	return need-columnGap <= width
}

// tablesIn are the lines of each table: its heading, and its rows.
func tablesIn(text string) [][]string {
	var all [][]string
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "row ") && strings.HasSuffix(line, "reason"):
			inside = true
			all = append(all, []string{line})
		case line == "", strings.HasPrefix(line, "– "):
			inside = false
		case inside:
			all[len(all)-1] = append(all[len(all)-1], line)
		}
	}
	return all
}
