package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
)

// outputs are the places where results go, opened before the run so that it does not end in vain.
type outputs struct {
	opt            *options
	stdout, stderr io.Writer
	files          []openFile
}

// openFile is a file that waits for the result in its format.
type openFile struct {
	format
	f *os.File
}

func newOutputs(opt *options, stdout, stderr io.Writer) (*outputs, error) {
	o := &outputs{opt: opt, stdout: stdout, stderr: stderr}
	if opt.outDir != "" {
		if entries, err := os.ReadDir(opt.outDir); err == nil && len(entries) > 0 {
			return nil, fmt.Errorf("--out %s is not empty: name a folder that is new, so that no earlier result is lost", opt.outDir)
		}
		if err := os.MkdirAll(filepath.Join(opt.outDir, historyDir), 0o700); err != nil {
			return nil, unwritable("out", err)
		}
	}
	for _, form := range formats(opt) {
		path := opt.path(form)
		if path == "" || path == onStdout {
			continue
		}
		f, err := createFile(path)
		if err != nil {
			return nil, errors.Join(unwritable(form.flag, err), o.close())
		}
		o.files = append(o.files, openFile{form, f})
	}
	return o, nil
}

// unwritable says that results cannot go where a flag says.
func unwritable(flag string, err error) error {
	return fmt.Errorf("--%s: %w; make room there, or name another place", flag, err)
}

// write writes the result everywhere it was asked for.
func (o *outputs) write(r *suite.Result) error {
	errs := []error{o.print(r)}
	for _, file := range o.files {
		if err := file.write(file.f, r); err != nil {
			errs = append(errs, unwritable(file.flag, err))
		}
	}
	if o.opt.outDir != "" {
		errs = append(errs,
			o.file("result.json", func(w io.Writer) error { return reports.JSON(w, r) }),
			o.file("table.txt", func(w io.Writer) error { return table(w, r, reports.TableOptions{}) }))
	}
	if o.opt.summary != "" {
		if err := appendSummary(o.opt.summary, r); err != nil {
			// The run's result is in all other places, and stands.
			fmt.Fprintf(o.stderr, "lastseat: warning: GITHUB_STEP_SUMMARY: %v; the job's page has no table\n", err)
		}
	}
	return errors.Join(errs...)
}

// print writes the table to standard output, or the format that asked to be there.
func (o *outputs) print(r *suite.Result) error {
	for _, form := range formats(o.opt) {
		if o.opt.path(form) == onStdout {
			return form.write(o.stdout, r)
		}
	}
	return table(o.stdout, r, reports.TableOptions{Color: o.opt.color, Width: reportWidth(o.stdout)})
}

func table(w io.Writer, r *suite.Result, opt reports.TableOptions) error {
	if err := reports.Table(w, r, opt); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return reports.Explain(w, r, opt.Width)
}

// appendSummary adds the result to a CI job's page, behind what other steps wrote there.
func appendSummary(path string, r *suite.Result) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(reports.Markdown(f, r), f.Close())
}

func (o *outputs) file(name string, write func(io.Writer) error) error {
	f, err := createFile(filepath.Join(o.opt.outDir, name))
	if err != nil {
		return unwritable("out", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return unwritable("out", err)
	}
	return nil
}

func (o *outputs) close() error {
	var errs []error
	for _, file := range o.files {
		if err := file.f.Close(); err != nil {
			errs = append(errs, unwritable(file.flag, err))
		}
	}
	return errors.Join(errs...)
}
