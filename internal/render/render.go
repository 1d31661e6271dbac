// Package render writes reports of results that were saved as JSON, without a database: in goes a file that lastseat's --json wrote, or the folder of
// --out, out come the reports that flags ask for, and the text. A newcomer starts at Saved.
package render

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/reports"
)

// Options says what is made of a saved result.
type Options struct {
	Flag   func(name string) string // the file that a form's flag names; empty: not asked for
	JUnit  reports.JUnitOptions
	Table  reports.TableOptions
	Stdout io.Writer
}

// ResultFile is what a folder of --out has the result in.
const ResultFile = "result.json"

// most is how long a saved result may be: the largest have thousands of rows, each of some kilobytes.
const most = 1 << 30

// Saved reads a saved result, and writes it in the forms that are asked for, and as text unless one of them goes to standard output.
func Saved(path string, opt Options) error {
	text, err := Read(path)
	if err != nil {
		return err
	}
	kind, err := reports.KindOf(text)
	if err == nil {
		err = opt.render(kind, text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Read reads the file, or that of the folder.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		path = filepath.Join(path, ResultFile)
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("report: %w; name a file that --json wrote, or a folder of --out", err)
	case info.Size() > most:
		return nil, fmt.Errorf("report: %s has %d bytes; no result has more than %d", path, info.Size(), most)
	}
	return os.ReadFile(path)
}

// render is Saved of a text whose kind is known.
func (o *Options) render(kind reports.Kind, text []byte) error {
	switch kind {
	case reports.RunKind:
		return write(o, kind, text, reports.ReadJSON, reports.Formats(o.JUnit), func(w io.Writer, r *suite.Result) error {
			return reports.Text(w, r, o.Table)
		})
	case reports.ExploreKind:
		return write(o, kind, text, reports.ReadExploredJSON, reports.ExploredFormats(), exploredText)
	case reports.IsolationKind:
		return write(o, kind, text, reports.ReadIsolationJSON, reports.IsolationFormats(), func(w io.Writer, r *isolation.Result) error {
			return reports.IsolationText(w, r, o.Table.Color)
		})
	case reports.CheckKind:
		return write(o, kind, text, reports.ReadCheckedJSON, reports.CheckedFormats(), checkedText)
	case reports.ReplayKind:
		return write(o, kind, text, reports.ReadReplayJSON, reports.ReplayFormats(), reports.ReplayText)
	case reports.ProgramKind:
		return write(o, kind, text, reports.ReadProgramJSON, reports.ProgramFormats(), programText)
	case reports.RoundsKind:
		return write(o, kind, text, reports.ReadRoundsJSON, reports.RoundsFormats(), reports.RoundsText)
	case reports.CompareKind:
		return write(o, kind, text, reports.ReadCompareJSON, reports.CompareFormats(), func(w io.Writer, r *compare.Result) error {
			return reports.CompareText(w, r, o.Table)
		})
	case reports.TraceKind:
		return write(o, kind, text, reports.ReadTraceJSON, reports.TraceFormats(), func(w io.Writer, all []trace.Report) error {
			return reports.TraceText(w, o.Table.Width, all)
		})
	case reports.OrdersKind:
		return write(o, kind, text, reports.ReadOrdersJSON, reports.OrdersFormats(), func(w io.Writer, all *isolation.Orders) error {
			return reports.OrdersText(w, o.Table.Width, all)
		})
	}
	return fmt.Errorf("results of %s cannot be rendered", kind)
}

func exploredText(w io.Writer, rows []suite.Explored) error {
	var errs []error
	for i := range rows {
		if len(rows) > 1 {
			errs = append(errs, reports.ExploredLine(w, &rows[i]))
		} else {
			errs = append(errs, reports.ExploredText(w, &rows[i]))
		}
	}
	reports.ExploredSum(w, rows)
	return errors.Join(errs...)
}

func checkedText(w io.Writer, files []recheck.Result) error {
	for i := range files {
		reports.CheckedText(w, &files[i], false)
	}
	if len(files) > 1 {
		reports.CheckedSum(w, files)
	}
	return nil
}

func programText(w io.Writer, all []program.Report) error {
	var errs []error
	for i := range all {
		errs = append(errs, reports.ProgramHead(w, 0, &all[i]))
		for k := range all[i].Pairs {
			errs = append(errs, reports.ProgramPair(w, 0, &all[i], &all[i].Pairs[k]))
		}
		for k := range all[i].Faults {
			errs = append(errs, reports.ProgramFaulted(w, 0, &all[i], &all[i].Faults[k]))
		}
	}
	return errors.Join(append(errs, reports.ProgramEnd(w, 0, all))...)
}

// write reads a result of one kind, and writes it.
func write[R any](o *Options, kind reports.Kind, text []byte, read func([]byte) (R, error), forms []reports.Format[R], show func(io.Writer, R) error) (err error) {
	var has []string
	for _, f := range forms {
		has = append(has, f.Flag)
	}
	for _, f := range Flags() {
		if o.Flag(f.Name) != "" && !slices.Contains(has, f.Name) {
			return fmt.Errorf("a result of lastseat %s has no --%s; it has --%s", kind, f.Name, strings.Join(has, ", --"))
		}
	}
	r, err := read(text)
	if err != nil {
		return err
	}
	files, err := outfiles.Asked(o.Flag, forms)
	if err != nil {
		return err
	}
	if err := files.Create(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	return files.Write(o.Stdout, r, show)
}

// Flag is a form that some result can be rendered in.
type Flag struct{ Name, About string }

// Flags are the forms of all kinds of results, each once.
func Flags() []Flag {
	var all []Flag
	all = add(all, reports.Formats(reports.JUnitOptions{}))
	all = add(all, reports.IsolationFormats())
	all = add(all, reports.ExploredFormats())
	all = add(all, reports.CheckedFormats())
	all = add(all, reports.ReplayFormats())
	all = add(all, reports.ProgramFormats())
	return add(all, reports.RoundsFormats())
}

func add[R any](all []Flag, forms []reports.Format[R]) []Flag {
	for _, f := range forms {
		if !slices.ContainsFunc(all, func(a Flag) bool { return a.Name == f.Flag }) {
			all = append(all, Flag{f.Flag, f.About})
		}
	}
	return all
}
