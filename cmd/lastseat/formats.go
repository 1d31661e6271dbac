package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
)

// format is a form in which results can be written, to the file that its flag names.
type format struct {
	flag  string // --csv
	name  string // as the flag's help has it
	ext   string // of its files, for shells that complete their names
	write func(io.Writer, *suite.Result) error
}

// formats are all forms there are, in the order of their flags.
func formats(o *options) []format {
	return []format{
		{"json", "JSON", "json", reports.JSON},
		{"csv", "CSV, a line for each row", "csv", reports.CSV},
		{"markdown", "Markdown", "md", reports.Markdown},
		{"junitfile", "JUnit XML, a test case for each row", "xml", func(w io.Writer, r *suite.Result) error {
			return reports.JUnit(w, r, reports.JUnitOptions{FailInconclusive: o.undecidedFails, Strict: o.strict})
		}},
		{"benchfmt", "benchmark lines for benchstat", "txt", reports.Benchfmt},
	}
}

// path is the file that the format's flag names; empty: the format is not wanted.
func (o *options) path(f format) string { return o.flags.Lookup(f.flag).Value.String() }

// onStdout stands for standard output where a file is named.
const onStdout = "-"

// distinctFiles refuses two formats that go to one place.
func (o *options) distinctFiles() error {
	taken := map[string]string{}
	for _, f := range formats(o) {
		path := o.path(f)
		if path == "" {
			continue
		}
		path = filepath.Clean(path)
		if other := taken[path]; other != "" {
			if path == onStdout {
				path = "standard output"
			}
			return fmt.Errorf("--%s and --%s both go to %s; name a file for one of them", other, f.flag, path)
		}
		taken[path] = f.flag
	}
	return nil
}
