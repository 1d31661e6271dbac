package reports

import (
	"io"
	"slices"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/trace"
)

// Format is a form in which results can be written to a file.
type Format[Result any] struct {
	Flag  string // that names the file: csv
	About string // what is in it, for help
	Ext   string // of such files
	Write func(io.Writer, Result) error
	Empty func(Result) bool // there is nothing to write, and so no file; nil: there always is something
}

// Formats are all forms of a run's result, in the order in which they are shown.
func Formats(junit JUnitOptions) []Format[*suite.Result] {
	return []Format[*suite.Result]{
		{Flag: "json", About: "JSON", Ext: "json", Write: JSON},
		{Flag: "csv", About: "CSV, a line for each row", Ext: "csv", Write: CSV},
		{Flag: "html", About: "a page for people: one file, nothing to load", Ext: "html", Write: HTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: Markdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each row", Ext: "xml", Write: func(w io.Writer, r *suite.Result) error { return JUnit(w, r, junit) }},
		{Flag: "benchfmt", About: "benchmark lines for benchstat", Ext: "txt", Write: Benchfmt},
	}
}

// IsolationFormats are all forms of what levels of servers do.
func IsolationFormats() []Format[*isolation.Result] {
	return []Format[*isolation.Result]{
		{Flag: "json", About: "JSON", Ext: "json", Write: IsolationJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: IsolationHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: IsolationMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each level and anomaly", Ext: "xml", Write: IsolationJUnit},
	}
}

// ReplayFormats are all forms of a schedule that was played.
func ReplayFormats() []Format[*isolation.Replay] {
	return []Format[*isolation.Replay]{
		{Flag: "json", About: "JSON", Ext: "json", Write: ReplayJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: ReplayHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: ReplayMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each server and level", Ext: "xml", Write: ReplayJUnit},
	}
}

// CheckedFormats are all forms of histories that were judged.
func CheckedFormats() []Format[[]recheck.Result] {
	return []Format[[]recheck.Result]{
		{Flag: "json", About: "JSON", Ext: "json", Write: CheckedJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: CheckedHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: CheckedMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each history", Ext: "xml", Write: CheckedJUnit},
		{Flag: "svg", About: "a picture of the cycles and timelines", Ext: "svg", Write: drawCycles(anomaly.SVG), Empty: nothingDrawn},
		{Flag: "dot", About: "a Graphviz graph of the cycles", Ext: "dot", Write: drawCycles(anomaly.DOT), Empty: noCycles},
	}
}

// ExploredFormats are all forms of explored rows.
func ExploredFormats() []Format[[]suite.Explored] {
	return []Format[[]suite.Explored]{
		{Flag: "json", About: "JSON", Ext: "json", Write: ExploredJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: ExploredHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: ExploredMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each row, of a program for each pair", Ext: "xml", Write: ExploredJUnit},
	}
}

// ProgramFormats are all forms of explored programs.
func ProgramFormats() []Format[[]program.Report] {
	return []Format[[]program.Report]{
		{Flag: "json", About: "JSON", Ext: "json", Write: ProgramJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: ProgramHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: ProgramMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each pair", Ext: "xml", Write: ProgramJUnit},
	}
}

// RoundsFormats are all forms of programs under load.
func RoundsFormats() []Format[[]rounds.Report] {
	return []Format[[]rounds.Report]{
		{Flag: "json", About: "JSON", Ext: "json", Write: RoundsJSON},
		{Flag: "csv", About: "CSV, a line for each burst or number of clients", Ext: "csv", Write: RoundsCSV},
		{Flag: "html", About: "a page for people", Ext: "html", Write: RoundsHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: RoundsMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each burst or number of clients", Ext: "xml", Write: RoundsJUnit},
	}
}

// CompareFormats are all forms of a comparison.
func CompareFormats() []Format[*compare.Result] {
	return []Format[*compare.Result]{
		{Flag: "json", About: "JSON", Ext: "json", Write: CompareJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: CompareHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: CompareMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each row and each threshold", Ext: "xml", Write: CompareJUnit},
	}
}

// TraceFormats are all forms of what operations do and could race in.
func TraceFormats() []Format[[]trace.Report] {
	return []Format[[]trace.Report]{{Flag: "json", About: "JSON", Ext: "json", Write: TraceJSON}, {Flag: "markdown", About: "Markdown", Ext: "md", Write: TraceMarkdown}}
}

// drawCycles draws the cycles of all files.
func drawCycles(draw func(io.Writer, []anomaly.Witness) error) func(io.Writer, []recheck.Result) error {
	return func(w io.Writer, files []recheck.Result) error { return draw(w, drawnOf(files)) }
}

// drawnOf are the witnesses of all files that can be drawn.
func drawnOf(files []recheck.Result) []anomaly.Witness {
	var all []anomaly.Witness
	for i := range files {
		all = append(all, files[i].Drawn()...)
	}
	return all
}

func nothingDrawn(files []recheck.Result) bool { return len(drawnOf(files)) == 0 }

func noCycles(files []recheck.Result) bool {
	return !slices.ContainsFunc(drawnOf(files), func(w anomaly.Witness) bool { return w.Cycle != nil })
}
