package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/reports"
)

// outputs are the places where results go, opened before the run so that it does not end in vain.
type outputs struct {
	opt    *options
	stdout io.Writer
	json   *os.File // nil: none, or standard output
}

func newOutputs(opt *options, stdout io.Writer) (*outputs, error) {
	o := &outputs{opt: opt, stdout: stdout}
	if opt.outDir != "" {
		if entries, err := os.ReadDir(opt.outDir); err == nil && len(entries) > 0 {
			return nil, fmt.Errorf("--out %s is not empty: name a folder that is new, so that no earlier result is lost", opt.outDir)
		}
		if err := os.MkdirAll(filepath.Join(opt.outDir, historyDir), 0o755); err != nil {
			return nil, unwritable("out", err)
		}
	}
	if opt.json != "" && opt.json != "-" {
		f, err := os.Create(opt.json)
		if err != nil {
			return nil, unwritable("json", err)
		}
		o.json = f
	}
	return o, nil
}

// unwritable says that results cannot go where a flag says.
func unwritable(flag string, err error) error {
	return fmt.Errorf("--%s: %w; make room there, or name another place", flag, err)
}

// write writes the result everywhere it was asked for.
func (o *outputs) write(r *reports.Result) error {
	var errs []error
	if o.opt.json == "-" {
		errs = append(errs, reports.JSON(o.stdout, r))
	} else {
		errs = append(errs, table(o.stdout, r, o.opt.color))
	}
	if o.json != nil {
		if err := reports.JSON(o.json, r); err != nil {
			errs = append(errs, unwritable("json", err))
		}
	}
	if o.opt.outDir != "" {
		errs = append(errs,
			o.file("result.json", func(w io.Writer) error { return reports.JSON(w, r) }),
			o.file("table.txt", func(w io.Writer) error { return table(w, r, false) }))
	}
	return errors.Join(errs...)
}

func table(w io.Writer, r *reports.Result, color bool) error {
	if err := reports.Table(w, r, reports.TableOptions{Color: color}); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return reports.Explain(w, r)
}

func (o *outputs) file(name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(o.opt.outDir, name))
	if err != nil {
		return unwritable("out", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return unwritable("out", err)
	}
	return nil
}

func (o *outputs) close() error {
	if o.json == nil {
		return nil
	}
	if err := o.json.Close(); err != nil {
		return unwritable("json", err)
	}
	return nil
}
