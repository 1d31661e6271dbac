package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports"
)

// axisFlags make up the table's rows; outputs say where results go. Neither is part of a row's own command.
var (
	axisFlags   = []string{"target", "workload", "strategy", "isolation", "concurrency", "cells", "only", "reference"}
	outputFlags = []string{"inconclusive", "out", "compress", "no-color", "random-seed", "dsn", "budget"} // beside the files of formats
)

// baseCommand is the command line without the axes, without some more flags, and without anything secret.
func (o *options) baseCommand(without ...string) string {
	without = slices.Concat(without, axisFlags, aroundNames(), outputFlags)
	for _, form := range o.formats() {
		without = append(without, form.Flag)
	}
	var b strings.Builder
	b.WriteString("lastseat run")
	o.flags.Visit(func(f *pflag.Flag) {
		if !slices.Contains(without, f.Name) {
			b.WriteString(" " + reports.ShellWord("--"+f.Name+"="+flagText(f)))
		}
	})
	return b.String()
}

// rowCommand runs one row again. The DSN stays with the user: it can hold a password.
func (o *options) rowCommand(row *suite.Row) string {
	l := row.Label
	s := fmt.Sprintf("%s --target %s --workload %s --strategy %s", o.command, reports.ShellWord(l.Target), reports.ShellWord(l.Workload), reports.ShellWord(l.Strategy))
	if l.Isolation != harness.NoLevel {
		s += " --isolation " + string(l.Isolation)
	}
	s += row.Environment.Flags()
	if o.flags.Changed("concurrency") {
		s += " -c " + strconv.Itoa(row.Clients)
	}
	if len(o.cfg.Cells) > 0 {
		s += " --cells " + strconv.Itoa(row.Cells)
	}
	return fmt.Sprintf("%s --random-seed %d", s, o.cfg.Each.Seed)
}

// wholeCommand runs everything again.
func (o *options) wholeCommand() string {
	on, with := o.cfg.Names()
	s := fmt.Sprintf("%s --target %s --workload %s", o.command, reports.ShellWord(strings.Join(on, ",")), reports.ShellWord(strings.Join(with, ",")))
	if o.cfg.Strategies != nil && !o.cfg.OnlyKnown {
		s += " --strategy " + strings.Join(o.cfg.Strategies, ",")
	}
	s += o.otherAxes()
	if len(o.only) > 0 {
		s += " --only " + reports.ShellWord(strings.Join(o.only, ","))
	}
	if o.reference != (suite.Reference{}) {
		s += " --reference " + o.reference.String()
	}
	return fmt.Sprintf("%s --random-seed %d", s, o.cfg.Each.Seed)
}

// otherAxes are the flags of levels, environments and numbers, as they were given.
func (o *options) otherAxes() string {
	s := ""
	var levels []string
	if o.cfg.AllLevels {
		levels = append(levels, names.All)
	}
	for _, l := range o.cfg.Levels {
		levels = append(levels, string(l))
	}
	if len(levels) > 0 {
		s += " --isolation " + strings.Join(levels, ",")
	}
	for _, name := range aroundNames() {
		if f := o.flags.Lookup(name); f.Changed {
			s += " " + reports.ShellWord("--"+name+"="+flagText(f))
		}
	}
	if o.flags.Changed("concurrency") {
		s += " -c " + flagText(o.flags.Lookup("concurrency"))
	}
	if len(o.cfg.Cells) > 0 {
		s += " --cells " + flagText(o.flags.Lookup("cells"))
	}
	return s
}

// flagText is a flag's value as it is typed: of a list, pflag has it in brackets.
func flagText(f *pflag.Flag) string {
	if strings.HasSuffix(f.Value.Type(), "Slice") {
		return strings.TrimSuffix(strings.TrimPrefix(f.Value.String(), "["), "]")
	}
	return f.Value.String()
}

// decideCommand runs the undecided rows again, alone and for longer; empty: there are none that time decides.
func (o *options) decideCommand(r *suite.Result) string {
	undecided, budget, gap := r.Undecided(len(o.cfg.Clients))
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
	for i := range o.cfg.Targets {
		t := &o.cfg.Targets[i]
		if !slices.ContainsFunc(rows, func(row *suite.Row) bool { return row.Label.Target == t.Name }) {
			continue
		}
		word := reports.ShellWord(t.Name)
		if t.DSN != "" && t.DSN != os.Getenv(t.Engine.DSNEnv) {
			word += `="$` + t.Variable() + `"`
		}
		list = append(list, word)
	}
	return " --target " + strings.Join(list, ",")
}
