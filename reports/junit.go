package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lastseat/lastseat/harness"
)

// JUnitOptions says which rows fail, besides surprises and errors.
type JUnitOptions struct {
	FailInconclusive bool // rows that were not decided fail, instead of being skipped
	Strict           bool // every violation fails, expected or not
}

// JUnit writes JUnit's XML, as GitLab, Jenkins and the reporters for GitHub read it: a suite for each workload on a target, a
// test case for each row. A surprise fails, an error is an error, and what was skipped or not decided is skipped, with the
// reason; unsafe as expected passes. Rows that ran only as controls are left out, unless they are what the run failed by. A
// target without a server is a suite with one skipped case.
func JUnit(w io.Writer, r *Result, opt JUnitOptions) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat", Time: junitTime(r.Elapsed)}
	for i := range r.Servers {
		if s := &r.Servers[i]; s.Missing != "" {
			doc.add(newSuite(r, s.Target), junitCase{Name: "server", Skipped: &junitNote{Message: s.Missing}})
		}
	}
	axes := axesOf(r)
	for _, g := range groups(r) {
		suite := newSuite(r, g.workload+"."+g.target)
		var cases []junitCase
		for _, row := range slices.Concat(g.rows, g.skipped) {
			if row.Control && !row.Surprise() && !row.Broke() {
				continue
			}
			c := newCase(r, row, opt)
			c.Name = rowName(row.Label, true)
			if step := axes.step(row); step != "" {
				c.Name += " at " + step
			}
			cases = append(cases, c)
		}
		doc.add(suite, cases...)
	}
	junitThresholds(&doc, r.Thresholds)
	return writeXML(w, doc)
}

// writeXML writes a document with the header and the last line end that XML wants.
func writeXML(w io.Writer, doc any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Time   string       `xml:"time,attr"`
	Suites []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"` // UTC, without a zone, as the schema wants it
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Skipped *junitNote `xml:"skipped"`
	Error   *junitNote `xml:"error"`
	Failure *junitNote `xml:"failure"`
	Out     *junitText `xml:"system-out"`

	took time.Duration
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	junitText
}

// junitText is text that keeps its lines.
type junitText struct {
	Text string `xml:",cdata"`
}

// newText replaces what XML cannot hold: control characters, and what is not UTF-8.
func newText(s string) junitText {
	return junitText{strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return unicode.ReplacementChar
		}
		return r
	}, harness.Visible(s))}
}

// add appends a suite with its cases, and counts them. A suite without cases is left out.
func (d *junitSuites) add(suite junitSuite, cases ...junitCase) {
	if len(cases) == 0 {
		return
	}
	var took time.Duration
	for i := range cases {
		c := &cases[i]
		c.Class, c.Time = suite.Name, junitTime(c.took)
		took += c.took
		for _, counts := range []*junitCounts{&suite.junitCounts, &d.junitCounts} {
			counts.count(c)
		}
	}
	suite.Cases, suite.Time = cases, junitTime(took)
	d.Suites = append(d.Suites, suite)
}

func (n *junitCounts) count(c *junitCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}

func newSuite(r *Result, name string) junitSuite {
	s := junitSuite{Name: name, Properties: []junitProperty{
		{"seed", strconv.FormatUint(r.Seed, 10)}, {"command", r.Command}, {"interrupted", strconv.FormatBool(r.Interrupted)},
	}}
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

// newCase is a row but for its name.
func newCase(r *Result, row *Row, opt JUnitOptions) junitCase {
	c := junitCase{}
	switch {
	case row.Skip != "":
		c.Skipped = &junitNote{Message: row.Skip}
	case row.Surprise():
		c.Failure = &junitNote{Message: "unsafe, expected safe: " + brokenChecks(row), Type: "surprise", junitText: told(r, row, surprise)}
	case opt.Strict && row.Verdict() == harness.Unsafe:
		c.Failure = &junitNote{Message: "unsafe as expected (--strict): " + brokenChecks(row), Type: "unsafe", junitText: told(r, row, unsafeByRequest)}
	case row.Broke():
		c.Error = &junitNote{Message: row.Err.Error(), Type: "error", junitText: told(r, row, commands)}
	case row.Verdict() == harness.Inconclusive && opt.FailInconclusive:
		c.Failure = &junitNote{Message: undecidedMessage(row), Type: "inconclusive", junitText: told(r, row, commands)}
	case row.Verdict() == harness.Inconclusive:
		c.Skipped = &junitNote{Message: undecidedMessage(row)}
	}
	if row.Report != nil {
		out := told(r, row, figuresOf)
		if c.Failure == nil {
			out = told(r, row, evidence)
		}
		c.took, c.Out = row.Report.Elapsed, &out
	}
	return c
}

// unsafeByRequest explains a row that was expected to be unsafe, and fails because any violation does.
func unsafeByRequest(p *page, r *Result, row *Row) {
	broken(p, row, harness.MaxTexts)
	commands(p, r, row)
}

func undecidedMessage(row *Row) string {
	s := "inconclusive: " + row.Reason()
	if row.Report != nil && row.Report.Advice != "" {
		s += "; " + row.Report.Advice
	}
	return s
}

// brokenChecks is "oversold 4,112, conservation 2": how many violations each check found.
func brokenChecks(row *Row) string {
	var parts []string
	for i := range row.Report.Results {
		if res := &row.Report.Results[i]; !res.Checker.Figure && res.Violations > 0 {
			parts = append(parts, res.Checker.Name+" "+number(res.Violations))
		}
	}
	return strings.Join(parts, ", ")
}

// evidence is what stands behind the row's verdict: how often it could have gone wrong, what did, and what it cost.
func evidence(p *page, r *Result, row *Row) {
	figuresOf(p, r, row)
	broken(p, row, 1)
}

func figuresOf(p *page, _ *Result, row *Row) {
	rep := row.Report
	p.para("", fmt.Sprintf("%s: %s", row.Verdict(), row.Reason()))
	p.para("", fmt.Sprintf("%s ops/s with %s, %s of attempts ended by a conflict, %s trials", rate(rep.Goodput()),
		plural(rep.Clients, "client"), share(rep.Accounting.ConflictRate()), number(rep.Trials)))
}

// told is what tell writes about a row.
func told(r *Result, row *Row, tell func(*page, *Result, *Row)) junitText {
	p := &page{width: defaultWidth}
	tell(p, r, row)
	return newText("\n" + p.b.String())
}

func junitTime(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// lasting is a number of seconds as a duration.
func lasting(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
