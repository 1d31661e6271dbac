package outfiles

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/reports"
)

// HistoryDir is the folder of a run's own that holds the histories.
const HistoryDir = "histories"

// Run are the places where a run's result goes.
type Run struct {
	Files          *Files[*suite.Result]
	Dir            string // to make for the result and the histories; empty: none
	Summary        string // file of a CI job's page, which the Markdown is appended to; empty: none
	Color          bool
	Stdout, Stderr io.Writer
}

// Create makes the folder and the files before there is a result.
func (o *Run) Create() error {
	if err := Folder(o.Dir, HistoryDir); err != nil {
		return err
	}
	return o.Files.Create()
}

// Write writes the result everywhere it was asked for.
func (o *Run) Write(r *suite.Result) error {
	errs := []error{o.Files.Write(o.Stdout, r, func(w io.Writer, r *suite.Result) error {
		return reports.Text(w, r, reports.TableOptions{Color: o.Color, Width: terminal.ReportWidth(w)})
	})}
	if o.Dir != "" {
		file := func(name string, write func(io.Writer) error) error {
			return To("out", filepath.Join(o.Dir, name), nil, write)
		}
		errs = append(errs,
			file("result.json", func(w io.Writer) error { return reports.JSON(w, r) }),
			file("report.html", func(w io.Writer) error { return reports.HTML(w, r) }),
			file("table.txt", func(w io.Writer) error { return reports.Text(w, r, reports.TableOptions{}) }))
	}
	if o.Summary != "" {
		if err := appendSummary(o.Summary, r); err != nil {
			// The run's result is in all other places, and stands.
			fmt.Fprintf(o.Stderr, "lastseat: warning: GITHUB_STEP_SUMMARY: %v; the job's page has no table\n", err)
		}
	}
	return errors.Join(errs...)
}

// appendSummary adds the result to a CI job's page, behind what other steps wrote there.
func appendSummary(path string, r *suite.Result) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(reports.Markdown(f, r), f.Close())
}
