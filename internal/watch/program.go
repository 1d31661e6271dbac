package watch

import (
	"fmt"
	"io"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets/app"
)

// Address says what a program that somebody else runs is to be started with.
func Address(w io.Writer) func(string) {
	return func(address string) {
		fmt.Fprintf(w, "Start the program with this address, and lastseat goes on as soon as it answers:\n%s\n", address)
	}
}

// Program writes what comes of a program as soon as it is there, and saves the schedules that break into a folder; empty: nowhere.
func Program(text io.Writer, width int, dir string, shown *reports.Progress) app.Telling {
	return app.Telling{
		Head: func(r *program.Report) error { return reports.ProgramHead(text, width, r) },
		Pair: func(r *program.Report, p *program.Pair) error {
			shown.Decided(p.Verdict)
			if dir != "" && p.Verdict == harness.Unsafe && p.Shortest != nil {
				path, saved := app.SaveIn(dir, r, p)
				if err := outfiles.To("out", path, nil, saved.Write); err != nil {
					return err
				}
				p.Saved = path
			}
			return reports.ProgramPair(text, width, r, p)
		},
		Faulted: func(r *program.Report, f *program.Faulted) error {
			shown.Decided(f.Verdict)
			return reports.ProgramFaulted(text, width, r, f)
		},
	}
}
