// Package again has the commands that run rows again: one, all, or those that stayed undecided. In go the flags that were typed and what
// came of them; out come lines for a shell, without what is secret.
package again

import (
	"fmt"
	"maps"
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

// Commands are those of one run.
type Commands struct {
	Flags     *pflag.FlagSet // as they were typed
	Config    *suite.Config  // that they came to
	Only      []string       // rows by name; nil: all
	Reference suite.Reference
	Around    []string          // names of the flags for what is around a store
	Backends  map[string]string // environment variables that name the user's servers around a store, by the flags that do
	Files     []string          // names of the flags for files of results
	base      string            // without the axes
}

// New are the commands of a run whose flags were read.
func New(c Commands) *Commands {
	c.base = c.without()
	return &c
}

// axisFlags make up the table's rows; outputs say where results go. Neither is part of a row's own command.
var (
	axisFlags   = []string{"target", "workload", "strategy", "isolation", "concurrency", "cells", "rate", "zipfian-constant", "only", "reference"}
	outputFlags = []string{"inconclusive", "out", "compress", "no-color", "progress", "quiet", "print-config", "random-seed", "dsn", "budget", "fail-if", "baseline", "nats", "nats-creds", "nats-ca"} // beside the files of formats
)

// without is the command line without the axes, without some more flags, and without anything secret.
func (c *Commands) without(more ...string) string {
	without := slices.Concat(more, axisFlags, c.Around, outputFlags, c.Files, slices.Collect(maps.Keys(c.Backends)))
	var b strings.Builder
	b.WriteString("lastseat run")
	c.Flags.Visit(func(f *pflag.Flag) {
		if !slices.Contains(without, f.Name) {
			b.WriteString(" " + reports.ShellWord("--"+f.Name+"="+flagText(f)))
		}
	})
	return b.String()
}

// Row runs one row again. The DSN stays with the user: it can hold a password.
func (c *Commands) Row(row *suite.Row) string {
	l := row.Label
	s := fmt.Sprintf("%s --target %s --workload %s --strategy %s", c.base, reports.ShellWord(l.Target), reports.ShellWord(l.Workload), reports.ShellWord(l.Strategy))
	if l.Isolation != harness.NoLevel {
		s += " --isolation " + string(l.Isolation)
	}
	s += row.Environment.Flags() + c.backends([]suite.Environment{row.Environment})
	if as := c.Flags.Lookup("servers-as"); as != nil && as.Changed && !row.Environment.Named && c.Config.Open.Workers > 0 {
		s += fmt.Sprintf(" --servers %d", c.Config.Open.Workers)
	}
	if c.Flags.Changed("concurrency") {
		s += " -c " + strconv.Itoa(row.Clients)
	}
	if len(c.Config.Cells) > 0 {
		s += " --cells " + strconv.Itoa(row.Cells)
	}
	if row.Rate > 0 {
		s += fmt.Sprintf(" --rate %v", row.Rate)
	}
	if row.Skew > 0 {
		s += fmt.Sprintf(" --zipfian-constant %v", row.Skew)
	} else if f := c.Flags.Lookup("zipfian-constant"); f != nil && f.Changed {
		s += " --zipfian-constant " + numbers(f)
	}
	return fmt.Sprintf("%s --random-seed %d", s, c.Config.Each.Seed)
}

// Whole runs everything again.
func (c *Commands) Whole() string {
	on, with := c.Config.Names()
	s := fmt.Sprintf("%s --target %s --workload %s", c.base, reports.ShellWord(strings.Join(on, ",")), reports.ShellWord(strings.Join(with, ",")))
	if c.Config.Strategies != nil && !c.Config.OnlyKnown {
		s += " --strategy " + strings.Join(c.Config.Strategies, ",")
	}
	s += c.otherAxes()
	if len(c.Only) > 0 {
		s += " --only " + reports.ShellWord(strings.Join(c.Only, ","))
	}
	if c.Reference != (suite.Reference{}) {
		s += " --reference " + c.Reference.String()
	}
	return fmt.Sprintf("%s --random-seed %d", s, c.Config.Each.Seed)
}

// otherAxes are the flags of levels, environments and numbers, as they were given.
func (c *Commands) otherAxes() string {
	s := ""
	var levels []string
	if c.Config.AllLevels {
		levels = append(levels, names.All)
	}
	for _, l := range c.Config.Levels {
		levels = append(levels, string(l))
	}
	if len(levels) > 0 {
		s += " --isolation " + strings.Join(levels, ",")
	}
	s += c.backends(c.Config.Environments)
	for _, name := range c.Around {
		if f := c.Flags.Lookup(name); f.Changed {
			s += " " + reports.ShellWord("--"+name+"="+flagText(f))
		}
	}
	if c.Flags.Changed("concurrency") {
		s += " -c " + flagText(c.Flags.Lookup("concurrency"))
	}
	if len(c.Config.Cells) > 0 {
		s += " --cells " + flagText(c.Flags.Lookup("cells"))
	}
	for _, name := range []string{"rate", "zipfian-constant"} {
		if f := c.Flags.Lookup(name); f != nil && f.Changed {
			s += " --" + name + " " + numbers(f)
		}
	}
	return s
}

// backends are the flags that name the servers of environments, if they were typed. An address stays with the user, in a variable: it
// can hold a password.
func (c *Commands) backends(of []suite.Environment) string {
	s := ""
	for _, flag := range slices.Sorted(maps.Keys(c.Backends)) {
		used := slices.ContainsFunc(of, func(e suite.Environment) bool {
			return slices.ContainsFunc(e.Components, func(around suite.Component) bool { return around.Backend == flag })
		})
		if f := c.Flags.Lookup(flag); used && f != nil && f.Changed {
			s += ` --` + flag + ` "$` + c.Backends[flag] + `"`
		}
	}
	return s
}

// numbers is the value of a flag of several numbers, without the zeros that pflag writes behind them.
func numbers(f *pflag.Flag) string {
	all := strings.Split(flagText(f), ",")
	for i, text := range all {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			all[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return strings.Join(all, ",")
}

// flagText is a flag's value as it is typed: of a list, pflag has it in brackets.
func flagText(f *pflag.Flag) string {
	if strings.HasSuffix(f.Value.Type(), "Slice") {
		return strings.TrimSuffix(strings.TrimPrefix(f.Value.String(), "["), "]")
	}
	return f.Value.String()
}

// Decide runs the undecided rows again, alone and for longer; empty: there are none that time decides.
func (c *Commands) Decide(r *suite.Result) string {
	undecided, budget, gap := r.Undecided(len(c.Config.Clients))
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
	s := c.without("duration", "ops", "runs", "record") + c.targetFlag(undecided) +
		" --workload " + each(func(row *suite.Row) string { return row.Label.Workload }) +
		" --strategy " + each(func(row *suite.Row) string { return row.Label.Strategy }) + c.otherAxes() +
		" --only " + each(func(row *suite.Row) string { return suite.RowName(row.Label) })
	if gap && !c.Flags.Changed("gap") {
		s += " --gap 5ms"
	}
	return s + fmt.Sprintf(" --budget %v", budget.Round(time.Second))
}

// targetFlag names the targets of rows. A DSN that was typed stays with the user, in a variable: it can hold a password.
func (c *Commands) targetFlag(rows []*suite.Row) string {
	var list []string
	for i := range c.Config.Targets {
		t := &c.Config.Targets[i]
		if !slices.ContainsFunc(rows, func(row *suite.Row) bool { return row.Label.Target == t.Name }) {
			continue
		}
		word := reports.ShellWord(t.Name)
		if t.DSN != "" && !t.Version && t.DSN != os.Getenv(t.Engine.DSNEnv) {
			word += `="$` + t.Variable() + `"`
		}
		list = append(list, word)
	}
	return " --target " + strings.Join(list, ",")
}
