package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

// Columns of the table, the reason last.
const (
	rowColumn = iota
	clientsColumn
	cellsColumn
	rateColumn
	skewColumn
	verdictColumn
	opsColumn
	bestColumn
	conflictsColumn
	waitingColumn
	triesColumn
	p50Column
	p99Column
	lagColumn
	missedColumn
	violationsColumn
	modelsColumn
	reasonColumn
)

var columns = [...]string{
	rowColumn: "row", clientsColumn: "clients", cellsColumn: "cells", rateColumn: "due/s", skewColumn: "zipfian", verdictColumn: "verdict", opsColumn: "ops/s", bestColumn: "vs best",
	conflictsColumn: "conflicts", waitingColumn: "waiting", triesColumn: "tries", p50Column: "p50", p99Column: "p99", lagColumn: "lag",
	missedColumn: "missed", violationsColumn: "violations", modelsColumn: "consistent with", reasonColumn: "reason",
}

// leastWorth are the columns that a narrow table can do without, the first to go first. The others say what the row is and how it was
// judged.
var leastWorth = []int{
	triesColumn, p50Column, waitingColumn, lagColumn, bestColumn, p99Column, missedColumn, violationsColumn, conflictsColumn,
	modelsColumn, opsColumn,
}

// headings are the columns' headings: rows are compared with the best, or with the reference.
func headings(r *Result) []string {
	all := slices.Clone(columns[:])
	if r.Reference != (suite.Reference{}) {
		all[bestColumn] = "vs reference"
	}
	return all
}

// usedColumns are the columns that say something: clients, cells, rates and skew where rows differ in them, lag and missed in an open loop,
// models where rows are judged by them.
func usedColumns(r *Result) []int {
	a, open, models := axesOf(r), openLoop(r), judgesModels(r)
	var used []int
	for i := range columns {
		switch {
		case i == clientsColumn && !a[clientsAxis], i == cellsColumn && !a[cellsAxis], i == rateColumn && !a[rateAxis], i == skewColumn && !a[skewAxis], (i == lagColumn || i == missedColumn) && !open,
			i == modelsColumn && !models:
		default:
			used = append(used, i)
		}
	}
	return used
}

// openLoop reports whether operations were due at a rate.
func openLoop(r *Result) bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Report != nil && row.Report.Accounting.Scheduled() > 0 })
}

// judgesModels reports whether rows are judged by isolation models.
func judgesModels(r *Result) bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Expected != nil && row.Expected.Model != "" })
}

// isText reports whether a column holds words, which stand to the left; figures stand to the right.
func isText(column int) bool {
	return column == rowColumn || column == verdictColumn || column == modelsColumn || column == reasonColumn
}

// cellsOf are a row's cells, one a column.
func cellsOf(r *Result, row *Row, fullLevels bool) []string {
	cells := make([]string, len(columns))
	cells[rowColumn], cells[verdictColumn], cells[reasonColumn] = rowName(row.Label, fullLevels), verdictCell(row), reasonCell(row)
	cells[clientsColumn], cells[cellsColumn] = number(int64(row.Clients)), number(int64(row.Cells))
	cells[rateColumn], cells[skewColumn] = stepNumber(row.Rate), stepNumber(row.Skew)
	rep := row.Report
	if rep == nil {
		return cells
	}
	a := &rep.Accounting
	if a.Processed() > 0 {
		cells[opsColumn], cells[bestColumn] = opsCell(row), relationOf(r, row).String()
		cells[conflictsColumn], cells[waitingColumn], cells[triesColumn] = share(a.ConflictRate()), share(rep.Waiting()), factor(a.TriesPerOp())
	}
	if ok := &a.Latency[harness.OK]; ok.Count() > 0 {
		cells[p50Column], cells[p99Column] = latency(ok.Quantile(0.50)), latency(ok.Quantile(0.99))
	}
	if a.Scheduled() > 0 {
		cells[lagColumn], cells[missedColumn] = latency(a.Lag.Quantile(0.99)), short(a.Skipped+a.Dropped)
	}
	if all, familiar := row.ConsistentWith(); all != nil {
		cells[modelsColumn] = cmp.Or(strings.Join(familiar, ", "), "none")
	}
	switch n := rep.Violations(); {
	case n > 0:
		cells[violationsColumn] = short(n)
	case rep.Trials > 0:
		cells[violationsColumn] = "0 in " + short(rep.Trials)
	}
	return cells
}

// opsCell is the goodput, and of repeats how far the median's interval reaches: 1,234 ±3%.
func opsCell(row *Row) string {
	g := row.Goodput()
	if !g.Known() {
		return rate(g.Median)
	}
	return rate(g.Median) + " ±" + share(g.Spread())
}
