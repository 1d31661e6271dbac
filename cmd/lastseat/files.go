package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/reports"
)

// onStdout stands for standard output where a file is named.
const onStdout = "-"

// formatFlags adds a flag for each form that results can be written in: it names the file.
func formatFlags[R any](f *pflag.FlagSet, formats []reports.Format[R]) {
	for _, form := range formats {
		f.String(form.Flag, "", "file for the result as "+form.About+"; - for standard output instead of the text")
	}
}

// resultFiles are where results go in the forms that flags ask for.
type resultFiles[R any] struct {
	toStdout *reports.Format[R] // that standard output has instead of the text; nil: none
	files    []resultFile[R]
}

// resultFile is a file that waits for the result in its form.
type resultFile[R any] struct {
	reports.Format[R]
	path string
	file *os.File
}

// formatsAsked are the forms that the flags ask for. Two that go to one place are refused.
func formatsAsked[R any](flags *pflag.FlagSet, formats []reports.Format[R]) (*resultFiles[R], error) {
	asked, taken := &resultFiles[R]{}, map[string]string{}
	for _, form := range formats {
		path := flags.Lookup(form.Flag).Value.String()
		if path == "" {
			continue
		}
		path = filepath.Clean(path)
		where := path
		if path == onStdout {
			where, asked.toStdout = "standard output", &form
		} else {
			asked.files = append(asked.files, resultFile[R]{Format: form, path: path})
		}
		if other := taken[path]; other != "" {
			return nil, fmt.Errorf("--%s and --%s both go to %s; name a file for one of them", other, form.Flag, where)
		}
		taken[path] = form.Flag
	}
	return asked, nil
}

// create makes the files, before there are results, so that nothing is done in vain.
func (a *resultFiles[R]) create() (err error) {
	for i := range a.files {
		if a.files[i].file, err = createFile(a.files[i].path); err != nil {
			return errors.Join(unwritable(a.files[i].Flag, err), a.close())
		}
	}
	return nil
}

// write writes the result into its files, and to standard output, as text unless a form was asked for there.
func (a *resultFiles[R]) write(stdout io.Writer, r R, text func(io.Writer, R) error) error {
	if a.toStdout != nil {
		text = a.toStdout.Write
	}
	errs := []error{text(stdout, r)}
	for i := range a.files {
		if err := a.files[i].Write(a.files[i].file, r); err != nil {
			errs = append(errs, unwritable(a.files[i].Flag, err))
		}
	}
	return errors.Join(errs...)
}

func (a *resultFiles[R]) close() error {
	var errs []error
	for i := range a.files {
		if f := &a.files[i]; f.file != nil {
			if err := f.file.Close(); err != nil {
				errs = append(errs, unwritable(f.Flag, err))
			}
		}
	}
	return errors.Join(errs...)
}

// toFile writes a report where a flag says; - is standard output, empty nowhere.
func toFile(flag, path string, stdout io.Writer, write func(io.Writer) error) error {
	switch path {
	case "":
		return nil
	case onStdout:
		return write(stdout)
	}
	f, err := createFile(path)
	if err != nil {
		return unwritable(flag, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return unwritable(flag, err)
	}
	return nil
}

// makeFolder makes the folder that --out names, and one in it; empty: none. It may be there already, if nothing is in it.
func makeFolder(dir, within string) error {
	if dir == "" {
		return nil
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("--out %s is not empty: name a folder that is new, so that no earlier result is lost", dir)
	}
	if err := os.MkdirAll(filepath.Join(dir, within), 0o700); err != nil {
		return unwritable("out", err)
	}
	return nil
}

// createFile makes or empties a file for results. What it makes is for its owner alone: results hold addresses, statements and
// answers of the user's servers. A file that exists keeps its mode.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}

// unwritable says that results cannot go where a flag says.
func unwritable(flag string, err error) error {
	return fmt.Errorf("--%s: %w; make room there, or name another place", flag, err)
}
