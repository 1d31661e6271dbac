package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
)

// saver writes schedules that break into a folder: for `lastseat replay`, and as plain SQL.
type saver struct{ dir string } // empty: nowhere

func newSaver(dir string) (*saver, error) {
	if dir == "" {
		return &saver{}, nil
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("--out %s is there already, and may hold what you want to keep: name a folder to make", dir)
		}
		return nil, unwritable("out", err)
	}
	return &saver{dir}, nil
}

// schedule saves the schedule of a row, and answers the files.
func (s *saver) schedule(r *suite.Row, target harness.Target, sc store.Scenario, b *explore.Broken) ([]string, error) {
	setup := target.(store.Stepped).Statements()
	if s.dir == "" || setup == nil {
		return nil, nil
	}
	f := &schedule.Schedule{
		Name: r.Label.Workload + " on " + r.Label.String(), About: sc.About + ": the rule that " + b.Rule.Rule + " is broken",
		Level: r.Label.Isolation,
	}
	for _, sql := range setup {
		f.Setup = append(f.Setup, schedule.Statement{SQL: sql})
	}
	for i := range b.Results {
		f.Sessions = append(f.Sessions, session(i))
	}
	for i := range b.Turns {
		t := &b.Turns[i]
		for _, sql := range []string{t.Begins, explore.Literal(t.SQL, t.Args)} {
			if sql != "" {
				f.Steps = append(f.Steps, schedule.Step{Session: session(t.Client), Statement: schedule.Statement{SQL: sql}})
			}
		}
	}
	ops := &schedule.Schedule{Name: f.Name, About: f.About, Level: f.Level, Operations: &schedule.Operations{
		Workload: r.Label.Workload, Scenario: sc.About, Strategy: r.Label.Strategy, Order: b.Order,
	}}
	base := filepath.Join(s.dir, strings.Map(fileRune, r.Label.Workload+" "+r.Label.String()))
	engine := &r.Opened().Spec.Engine
	err := errors.Join(
		toFile("out", base+".schedule", nil, func(w io.Writer) error { return schedule.Write(w, f) }),
		toFile("out", base+".operations", nil, func(w io.Writer) error { return schedule.Write(w, ops) }),
		toFile("out", base+".sql", nil, func(w io.Writer) error { return schedule.WriteSQL(w, f, engine) }),
	)
	return []string{base + ".schedule", base + ".operations", base + ".sql"}, err
}

func session(client int) string { return fmt.Sprintf("client%d", client) }

// fileRune keeps what every file system has in names.
func fileRune(r rune) rune {
	if r == ' ' || r == '/' || r == '@' {
		return '-'
	}
	return r
}
