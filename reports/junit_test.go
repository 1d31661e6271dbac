package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// suites is JUnit's XML as the reporters of GitLab, Jenkins and GitHub read it.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	counts
	Suites []struct {
		Name string `xml:"name,attr"`
		counts
		Cases []testcase `xml:"testcase"`
	} `xml:"testsuite"`
}

type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type testcase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    float64 `xml:"time,attr"`
	Skipped *note   `xml:"skipped"`
	Error   *note   `xml:"error"`
	Failure *note   `xml:"failure"`
	Out     string  `xml:"system-out"`
}

type note struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// junitSchema is what elements may hold, by Jenkins' junit-10.xsd: attributes with an @, then elements in their order.
var junitSchema = map[string][]string{
	"testsuites": {"@name", "@tests", "@failures", "@errors", "@skipped", "@time", "testsuite"},
	"testsuite":  {"@name", "@tests", "@failures", "@errors", "@skipped", "@time", "@timestamp", "properties", "testcase"},
	"properties": {"property"},
	"property":   {"@name", "@value"},
	"testcase":   {"@classname", "@name", "@time", "skipped", "error", "failure", "system-out"},
	"skipped":    {"@message"},
	"error":      {"@message", "@type"},
	"failure":    {"@message", "@type"},
	"system-out": nil,
}

func parseJUnit(t *testing.T, r *Result, opt JUnitOptions) suites {
	t.Helper()
	text := written(t, r, junit(opt))
	obeysSchema(t, text)
	var doc suites
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	var sum counts
	seen := map[string]bool{}
	for _, s := range doc.Suites {
		var own counts
		for _, c := range s.Cases {
			own.add(c)
			if c.Class != s.Name || c.Name == "" || seen[c.Class+"\x00"+c.Name] {
				t.Errorf("the case %q of class %q in suite %q has no name of its own", c.Name, c.Class, s.Name)
			}
			seen[c.Class+"\x00"+c.Name] = true
		}
		if own != s.counts {
			t.Errorf("suite %s says %+v and has %+v", s.Name, s.counts, own)
		}
		sum = counts{sum.Tests + own.Tests, sum.Failures + own.Failures, sum.Errors + own.Errors, sum.Skipped + own.Skipped}
	}
	if sum != doc.counts {
		t.Errorf("the file says %+v and has %+v", doc.counts, sum)
	}
	return doc
}

func (n *counts) add(c testcase) {
	n.Tests++
	for _, is := range []struct {
		note  *note
		count *int
	}{{c.Failure, &n.Failures}, {c.Error, &n.Errors}, {c.Skipped, &n.Skipped}} {
		if is.note != nil {
			*is.count++
		}
	}
}

func obeysSchema(t *testing.T, text string) {
	t.Helper()
	var open []string
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if len(open) > 0 && !slices.Contains(junitSchema[open[len(open)-1]], name) {
				t.Errorf("<%s> in <%s>", name, open[len(open)-1])
			}
			open = append(open, name)
			for _, a := range token.Attr {
				if !slices.Contains(junitSchema[name], "@"+a.Name.Local) {
					t.Errorf("<%s> has an attribute %s", name, a.Name.Local)
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// caseOf is the case of a row.
func (s suites) caseOf(t *testing.T, name string) testcase {
	t.Helper()
	for _, suite := range s.Suites {
		for _, c := range suite.Cases {
			if c.Class+" "+c.Name == name {
				return c
			}
		}
	}
	t.Fatalf("no case %s", name)
	return testcase{}
}

func TestJUnitCases(t *testing.T) {
	doc := parseJUnit(t, sample(), JUnitOptions{})
	if want := (counts{Tests: 21, Skipped: 5}); doc.counts != want { // 20 rows, and the server that is missing
		t.Errorf("%+v, want %+v", doc.counts, want)
	}
	pass := doc.caseOf(t, "seats.postgres naive-tx@read-committed")
	if pass.Failure != nil || !strings.Contains(pass.Out, "oversold (1,938 violations") || pass.Time != 2 {
		t.Errorf("unsafe as expected: %+v", pass)
	}
	if c := doc.caseOf(t, "seats.sqlite for-update@serializable"); c.Skipped == nil || c.Skipped.Message != "SQLite has no SELECT … FOR UPDATE" {
		t.Errorf("skipped: %+v", c)
	}
	if c := doc.caseOf(t, "mysql server"); c.Skipped == nil || !strings.Contains(c.Skipped.Message, "no mysqld found") {
		t.Errorf("missing server: %+v", c)
	}
	const undecided = "inconclusive: only 167 of 1000 trials; run longer, or with more clients on fewer cells"
	if c := doc.caseOf(t, "seats.postgres for-update-unordered@read-committed"); c.Skipped == nil || c.Skipped.Message != undecided {
		t.Errorf("inconclusive: %+v", c)
	}

	doc = parseJUnit(t, sample(), JUnitOptions{FailInconclusive: true})
	if want := (counts{Tests: 21, Skipped: 3, Failures: 2}); doc.counts != want {
		t.Errorf("--inconclusive fail: %+v, want %+v", doc.counts, want)
	}
	if c := doc.caseOf(t, "seats.postgres for-update-unordered@read-committed"); c.Failure == nil || c.Failure.Message != undecided {
		t.Errorf("--inconclusive fail: %+v", c)
	}

	doc = parseJUnit(t, sample(), JUnitOptions{Strict: true})
	if c := doc.caseOf(t, "seats.postgres naive-tx@read-committed"); c.Failure == nil || doc.Failures != 6 || !strings.Contains(c.Failure.Text, "stock 3 had 1 seat left") {
		t.Errorf("--strict: %d failures, %+v", doc.Failures, c)
	}
}

func TestJUnitFailures(t *testing.T) {
	r := surprises()
	r.Rows[1].Control = true // broke nothing, and is nobody's concern
	doc := parseJUnit(t, r, JUnitOptions{})
	if want := (counts{Tests: 3, Failures: 1, Errors: 1, Skipped: 1}); doc.counts != want {
		t.Errorf("%+v, want %+v", doc.counts, want)
	}
	c := doc.caseOf(t, "seats.postgres for-update@serializable")
	if c.Failure == nil || c.Failure.Message != "unsafe, expected safe: oversold 1, conservation 2" {
		t.Fatalf("surprise: %+v", c)
	}
	for _, want := range []string{"stock 3 had 1 seat left", "re-run    lastseat run", "re-judge  lastseat check 'my runs/seats.jsonl.zst'"} {
		if !strings.Contains(c.Failure.Text, want) {
			t.Errorf("the failure does not say %q:\n%s", want, c.Failure.Text)
		}
	}
	c = doc.caseOf(t, "seats.postgres optimistic@read-committed")
	if c.Error == nil || !strings.Contains(c.Error.Message, "permission denied") || !strings.Contains(c.Error.Text, "lastseat run") {
		t.Errorf("error: %+v", c)
	}

	r.Rows[0].Control = true // a control that fails the run stays
	if c := parseJUnit(t, r, JUnitOptions{}).caseOf(t, "seats.postgres for-update@serializable"); c.Failure == nil {
		t.Errorf("a surprising control: %+v", c)
	}
}

// TestJUnitHoldsAnyText: servers may answer with anything.
func TestJUnitHoldsAnyText(t *testing.T) {
	r := surprises()
	const hard = "\x00\x1b[31m]]> <b> & \" ' \r\n\t\xff\uFFFE 席"
	r.Rows[0].Report.Results[0].Texts = []string{hard}
	r.Rows[2].Err = errors.New(hard)
	r.Rows[1].Skip = hard
	r.Rows[1].Report = nil
	r.Rows[3].Label.Strategy = hard
	doc := parseJUnit(t, r, JUnitOptions{FailInconclusive: true})
	text := doc.caseOf(t, "seats.postgres for-update@serializable").Failure.Text
	if !strings.Contains(text, "]]> <b> & \" '") || !strings.Contains(text, "席") {
		t.Errorf("the text is not kept: %q", text)
	}
}

func TestJUnitSweep(t *testing.T) {
	r := sample()
	few, crowd := r.Rows[9], r.Rows[9]
	few.Cells, crowd.Clients = 1, 8
	r.Rows = append(r.Rows, few, crowd)
	doc := parseJUnit(t, r, JUnitOptions{}) // names differ
	for _, size := range []string{"64 clients, 10 cells", "64 clients, 1 cell", "8 clients, 10 cells"} {
		doc.caseOf(t, "seats.postgres naive-autocommit@repeatable-read at "+size)
	}
	// Other sizes of other workloads are no sweep.
	r = sample()
	r.Rows[0].Label.Workload, r.Rows[0].Cells = "transfer", 3
	parseJUnit(t, r, JUnitOptions{}).caseOf(t, "transfer.memory naive")
}

// TestJUnitAgreesWithExitCode: a file with failures and an exit code of 0 would not be believed, nor the reverse.
func TestJUnitAgreesWithExitCode(t *testing.T) {
	for name, r := range map[string]*Result{"sample": sample(), "surprises": surprises(), "many": many()} {
		for _, strict := range []bool{false, true} {
			doc := parseJUnit(t, r, JUnitOptions{Strict: strict})
			r.Strict = strict
			red := slices.Contains([]int{suite.ExitBroken, suite.ExitSetup}, r.ExitCode())
			if (doc.Failures+doc.Errors > 0) != red {
				t.Errorf("%s, strict=%v: %+v, and exit code %d", name, strict, doc.counts, r.ExitCode())
			}
		}
	}
}
