package reports

import (
	"io"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
)

// Format is a form in which results can be written to a file.
type Format[Result any] struct {
	Flag  string // that names the file: csv
	About string // what is in it, for help
	Ext   string // of such files
	Write func(io.Writer, Result) error
}

// Formats are all forms of a run's result, in the order in which they are shown.
func Formats(junit JUnitOptions) []Format[*suite.Result] {
	return []Format[*suite.Result]{
		{"json", "JSON", "json", JSON},
		{"csv", "CSV, a line for each row", "csv", CSV},
		{"markdown", "Markdown", "md", Markdown},
		{"junitfile", "JUnit XML, a test case for each row", "xml", func(w io.Writer, r *suite.Result) error { return JUnit(w, r, junit) }},
		{"benchfmt", "benchmark lines for benchstat", "txt", Benchfmt},
	}
}

// IsolationFormats are all forms of what levels of servers do.
func IsolationFormats() []Format[*isolation.Result] {
	return []Format[*isolation.Result]{
		{"json", "JSON", "json", IsolationJSON},
		{"markdown", "Markdown", "md", IsolationMarkdown},
		{"junitfile", "JUnit XML, a test case for each level and anomaly", "xml", IsolationJUnit},
	}
}

// ExploredFormats are all forms of explored rows.
func ExploredFormats() []Format[[]suite.Explored] {
	return []Format[[]suite.Explored]{{"json", "JSON", "json", ExploredJSON}}
}

// ProgramFormats are all forms of explored programs.
func ProgramFormats() []Format[[]program.Report] {
	return []Format[[]program.Report]{{"json", "JSON", "json", ProgramJSON}, {"junitfile", "JUnit's XML", "xml", ProgramJUnit}}
}
