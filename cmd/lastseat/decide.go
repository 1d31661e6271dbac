package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports"
)

// checkOnly fails unless each name of --only is a row's.
func checkOnly(only []string, rows []*suite.Row) error {
	for _, name := range only {
		if !slices.ContainsFunc(rows, func(r *suite.Row) bool { return suite.Named(r.Label, []string{name}) }) {
			return fmt.Errorf("--only: there is no row %s among those that the other flags make; rows are written as in the table: for-update@rc, "+
				"or seats:postgres/for-update@rc", names.Quote(name))
		}
	}
	return nil
}

// Rows that were not decided get so many times as long as they took, and at least this long.
const (
	moreTime  = 4
	leastTime = 10 * time.Second
)

// decideCommand runs the undecided rows again, alone and for longer; empty: there are none that time decides.
func (o *options) decideCommand(r *suite.Result) string {
	var undecided []*suite.Row
	budget, gap := leastTime, false // some time is the control's
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Judged() || row.Report == nil || row.Err != nil || row.Verdict() != harness.Inconclusive || row.Judgement().Advice == "" {
			continue
		}
		undecided = append(undecided, row)
		budget += max(moreTime*row.Report.Elapsed, leastTime) * time.Duration(len(o.axes.clients))
		gap = gap || row.PromisedUnsafe()
	}
	if len(undecided) == 0 {
		return ""
	}
	each := func(of func(*suite.Row) string) string {
		var values []string
		for _, row := range undecided {
			if v := of(row); !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		return reports.ShellWord(strings.Join(values, ","))
	}
	s := o.baseCommand("duration", "ops", "runs", "record") + o.targetFlag(undecided) +
		" --workload " + each(func(row *suite.Row) string { return row.Label.Workload }) +
		" --strategy " + each(func(row *suite.Row) string { return row.Label.Strategy }) + o.otherAxes() +
		" --only " + each(func(row *suite.Row) string { return suite.RowName(row.Label) })
	if gap && !o.flags.Changed("gap") {
		s += " --gap 5ms"
	}
	return s + fmt.Sprintf(" --budget %v", budget.Round(time.Second))
}

// targetFlag names the targets of rows. A DSN that was typed stays with the user, in a variable: it can hold a password.
func (o *options) targetFlag(rows []*suite.Row) string {
	var list []string
	for i := range o.axes.targets {
		t := &o.axes.targets[i]
		if !slices.ContainsFunc(rows, func(row *suite.Row) bool { return row.Label.Target == t.Name }) {
			continue
		}
		word := reports.ShellWord(t.Name)
		if t.DSN != "" && t.DSN != os.Getenv(t.Engine.DSNEnv) {
			word += `="$` + dsnVariable(t) + `"`
		}
		list = append(list, word)
	}
	return " --target " + strings.Join(list, ",")
}

// dsnVariable is the environment variable that is to hold a target's DSN: the engine's own, or _PG15_DSN of a target named pg15.
func dsnVariable(t *suite.TargetSpec) string {
	if t.Name == t.Engine.Name && t.Engine.DSNEnv != "" {
		return t.Engine.DSNEnv
	}
	return "_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return unicode.ToUpper(r)
		}
		return '_'
	}, strings.ToLower(t.Name)) + "_DSN"
}
