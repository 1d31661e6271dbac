package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/reports"
)

// outputs are the places where a run's result goes, opened before the run so that it does not end in vain.
type outputs struct {
	*outfiles.Files[*suite.Result]
	opt            *options
	stdout, stderr io.Writer
}

func newOutputs(opt *options, stdout, stderr io.Writer) (*outputs, error) {
	asked, err := formatsAsked(opt.flags, opt.formats())
	if err != nil {
		return nil, err
	}
	if err := outfiles.Folder(opt.outDir, historyDir); err != nil {
		return nil, err
	}
	return &outputs{Files: asked, opt: opt, stdout: stdout, stderr: stderr}, asked.Create()
}

// formats are the forms of a run's result, as the flags want them.
func (o *options) formats() []reports.Format[*suite.Result] {
	return reports.Formats(reports.JUnitOptions{FailInconclusive: o.undecidedFails, Strict: o.strict})
}

// writeAll writes the result everywhere it was asked for.
func (o *outputs) writeAll(r *suite.Result) error {
	errs := []error{o.Write(o.stdout, r, func(w io.Writer, r *suite.Result) error {
		return reports.Text(w, r, reports.TableOptions{Color: o.opt.color, Width: terminal.ReportWidth(w)})
	})}
	if o.opt.outDir != "" {
		file := func(name string, write func(io.Writer) error) error {
			return outfiles.To("out", filepath.Join(o.opt.outDir, name), nil, write)
		}
		errs = append(errs,
			file("result.json", func(w io.Writer) error { return reports.JSON(w, r) }),
			file("report.html", func(w io.Writer) error { return reports.HTML(w, r) }),
			file("table.txt", func(w io.Writer) error { return reports.Text(w, r, reports.TableOptions{}) }))
	}
	if o.opt.summary != "" {
		if err := appendSummary(o.opt.summary, r); err != nil {
			// The run's result is in all other places, and stands.
			fmt.Fprintf(o.stderr, "lastseat: warning: GITHUB_STEP_SUMMARY: %v; the job's page has no table\n", err)
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
