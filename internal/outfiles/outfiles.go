// Package outfiles is where results go: the files that flags name, made before there are results, and standard output. Files are for
// their owner alone, and errors name the flag. Start at Files.
package outfiles

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/reports"
)

// Stdout stands for standard output where a file is named.
const Stdout = "-"

// Files are where results go in the forms that flags ask for.
type Files[R any] struct {
	ToStdout *reports.Format[R] // that standard output has instead of the text; nil: none
	files    []file[R]
}

// file is a file that waits for the result in its form.
type file[R any] struct {
	reports.Format[R]
	path string
	to   *os.File
}

// Asked are the forms that flags ask for; flag is what one says. Two that go to one place are refused.
func Asked[R any](flag func(string) string, formats []reports.Format[R]) (*Files[R], error) {
	asked, taken := &Files[R]{}, map[string]string{}
	for _, form := range formats {
		path := flag(form.Flag)
		if path == "" {
			continue
		}
		path = filepath.Clean(path)
		where := path
		if path == Stdout {
			where, asked.ToStdout = "standard output", &form
		} else {
			asked.files = append(asked.files, file[R]{Format: form, path: path})
		}
		if other := taken[path]; other != "" {
			return nil, fmt.Errorf("--%s and --%s both go to %s; name a file for one of them", other, form.Flag, where)
		}
		taken[path] = form.Flag
	}
	return asked, nil
}

// Create makes the files, before there are results, so that nothing is done in vain.
func (a *Files[R]) Create() (err error) {
	for i := range a.files {
		if a.files[i].to, err = createFile(a.files[i].path); err != nil {
			return errors.Join(unwritable(a.files[i].Flag, err), a.Close())
		}
	}
	return nil
}

// Write writes the result into its files, and to standard output, as text unless a form was asked for there.
func (a *Files[R]) Write(stdout io.Writer, r R, text func(io.Writer, R) error) error {
	if a.ToStdout != nil {
		text = a.ToStdout.Write
	}
	errs := []error{text(stdout, r)}
	for i := range a.files {
		f := &a.files[i]
		if f.Empty != nil && f.Empty(r) {
			errs = append(errs, f.drop())
			continue
		}
		if err := f.Write(f.to, r); err != nil {
			errs = append(errs, unwritable(a.files[i].Flag, err))
		}
	}
	return errors.Join(errs...)
}

// drop removes a file that there is nothing to write into.
func (f *file[R]) drop() error {
	info, err := f.to.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = errors.Join(f.to.Close(), os.Remove(f.path))
		f.to = nil
	}
	return err
}

// Close closes the files.
func (a *Files[R]) Close() error {
	var errs []error
	for i := range a.files {
		if f := &a.files[i]; f.to != nil {
			if err := f.to.Close(); err != nil {
				errs = append(errs, unwritable(f.Flag, err))
			}
		}
	}
	return errors.Join(errs...)
}

// To writes a report where a flag says; - is standard output, empty nowhere.
func To(flag, path string, stdout io.Writer, write func(io.Writer) error) error {
	switch path {
	case "":
		return nil
	case Stdout:
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

// Folder makes the folder that --out names, and one in it; empty: none. It may be there already, if nothing is in it.
func Folder(dir, within string) error {
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

// Same reports whether two paths lead to the same file, which is there.
func Same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
