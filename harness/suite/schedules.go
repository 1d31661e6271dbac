package suite

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
)

// ScheduleFile is a schedule in a form that it can be saved in.
type ScheduleFile struct {
	Name  string
	Write func(io.Writer) error
}

// ScheduleFiles are the files that a schedule that breaks the row can be saved in: its statements and its operations, for lastseat
// replay, and plain SQL. None where the target takes no SQL.
func (r *Row) ScheduleFiles(target harness.Target, sc store.Scenario, b *explore.Broken) []ScheduleFile {
	statements, operations := r.schedules(target, sc, b)
	if statements == nil {
		return nil
	}
	name := strings.NewReplacer(" ", "-", "/", "-", "@", "-").Replace(r.Label.Workload + " " + r.Label.String())
	return []ScheduleFile{
		{name + ".schedule", func(w io.Writer) error { return schedule.Write(w, statements) }},
		{name + ".operations", func(w io.Writer) error { return schedule.Write(w, operations) }},
		{name + ".sql", func(w io.Writer) error { return schedule.WriteSQL(w, statements, &r.Opened().Spec.Engine) }},
	}
}

// schedules are what a schedule that breaks the row is as a file: its statements, and its operations.
func (r *Row) schedules(target harness.Target, sc store.Scenario, b *explore.Broken) (statements, operations *schedule.Schedule) {
	setup := target.(store.Stepped).Statements()
	if setup == nil {
		return nil, nil
	}
	head := schedule.Schedule{
		Name: r.Label.Workload + " on " + r.Label.String(), About: sc.About + ": the rule that " + b.Rule.Rule + " is broken", Level: r.Label.Isolation,
	}
	statements, operations = &head, &schedule.Schedule{Name: head.Name, About: head.About, Level: head.Level, Operations: &schedule.Operations{
		Workload: r.Label.Workload, Scenario: sc.About, Strategy: r.Label.Strategy, Order: b.Order,
	}}
	session := func(client int) string { return fmt.Sprintf("client%d", client) }
	for _, sql := range setup {
		statements.Setup = append(statements.Setup, schedule.Statement{SQL: sql})
	}
	for i := range b.Results {
		statements.Sessions = append(statements.Sessions, session(i))
	}
	for i := range b.Turns {
		t := &b.Turns[i]
		for _, sql := range []string{t.Begins, explore.Literal(t.SQL, t.Args)} {
			if sql != "" {
				statements.Steps = append(statements.Steps, schedule.Step{Session: session(t.Client), Statement: schedule.Statement{SQL: sql}})
			}
		}
		if t.Expires {
			last := &statements.Steps[len(statements.Steps)-1]
			last.Label = "waits"
			statements.Expect = append(statements.Expect, schedule.Claim{Session: last.Session, Label: last.Label, Verb: schedule.Expires})
		}
	}
	return statements, operations
}
