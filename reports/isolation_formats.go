package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

const isolationVersion = 1

// IsolationJSON writes the measurements as one document.
func IsolationJSON(w io.Writer, r *isolation.Result) error {
	doc := isolationDocument{isolationVersion, IsolationKind, r.Interrupted, list(r.Errors), append([]isolation.Measured{}, r.Rows...)}
	for i := range r.Missing {
		doc.Rows = append(doc.Rows, isolation.Measured{Target: r.Missing[i].Target, Outcome: isolation.NotMeasured, How: r.Missing[i].Missing, AsExpected: true})
	}
	return writeJSON(w, doc)
}

type isolationDocument struct {
	Version     int                  `json:"version"`
	Kind        Kind                 `json:"kind"`
	Interrupted bool                 `json:"interrupted"`
	Errors      []string             `json:"errors"`
	Rows        []isolation.Measured `json:"rows"`
}

// ReadIsolationJSON reads what IsolationJSON wrote.
func ReadIsolationJSON(text []byte) (*isolation.Result, error) {
	var doc isolationDocument
	if err := readJSON(text, isolationVersion, &doc); err != nil {
		return nil, err
	}
	r := &isolation.Result{Interrupted: doc.Interrupted, Errors: doc.Errors}
	for _, row := range doc.Rows {
		if row.Server == "" && row.Anomaly == "" {
			r.Missing = append(r.Missing, Server{Target: row.Target, Missing: row.How})
			continue
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

// IsolationMarkdown writes a table for each server: anomalies against levels.
func IsolationMarkdown(w io.Writer, r *isolation.Result) error {
	w = harness.VisibleWriter(w)
	var b strings.Builder
	fmt.Fprintf(&b, "## lastseat isolation: %s\n", inline(isolationSummary(r)))
	servers, anomalies := measuredServers(r)
	for _, s := range servers {
		if len(s.levels) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s: %s\n\n", inline(s.target), inline(s.server))
		head, rule := []string{"anomaly"}, []string{"---"}
		for _, level := range s.levels {
			head, rule = append(head, inline(string(level))), append(rule, "---")
		}
		markdownLine(&b, head)
		markdownLine(&b, rule)
		for _, a := range anomalies {
			line := []string{inline(a)}
			for _, level := range s.levels {
				line = append(line, markdownCell(s.cells[level][a]))
			}
			markdownLine(&b, line)
		}
	}
	var out page
	out.width = defaultWidth
	out.leftOut(r)
	out.surprises(r)
	if text := strings.TrimSpace(out.b.String()); text != "" {
		fmt.Fprintf(&b, "\n%s\n", fenced(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown is a cell in words.
func markdownCell(m *isolation.Measured) string {
	if m == nil {
		return ""
	}
	text := "✗ let through"
	switch m.Outcome {
	case isolation.Prevented:
		text = "✓ " + inline(m.How)
	case isolation.Undecided:
		text = "? " + inline(m.How)
	}
	if !m.AsExpected {
		text = "**" + text + ", declared " + inline(m.Expected) + "**"
	}
	return text
}

// IsolationJUnit writes JUnit's XML: a suite for each server, a test case for each level and anomaly. A surprise fails.
func IsolationJUnit(w io.Writer, r *isolation.Result) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat isolation", Time: junitTime(0)}
	servers, _ := measuredServers(r)
	for _, s := range servers {
		var cases []junitCase
		for i := range r.Rows {
			row := &r.Rows[i]
			if row.Target != s.target || row.Server != s.server {
				continue
			}
			c := junitCase{Name: row.Anomaly + "@" + string(row.Isolation)}
			switch {
			case row.Outcome == isolation.NotMeasured:
				c.Skipped = &junitNote{Message: row.How}
			case !row.AsExpected:
				c.Failure = &junitNote{Message: surpriseOf(row), Type: "surprise"}
			default:
				out := newText(row.Outcome + ": " + row.How)
				c.Out = &out
			}
			cases = append(cases, c)
		}
		name := "isolation." + s.target
		if setting := s.title()[1]; setting != "" {
			name += "." + strings.ReplaceAll(setting, " ", "=")
		}
		doc.add(junitSuite{Name: name, Properties: []junitProperty{{"server", s.server}}}, cases...)
	}
	for i := range r.Missing {
		doc.add(junitSuite{Name: "isolation." + r.Missing[i].Target},
			junitCase{Name: "server", Skipped: &junitNote{Message: r.Missing[i].Missing}})
	}
	for i, text := range r.Errors {
		doc.add(junitSuite{Name: "isolation.errors"}, junitCase{Name: fmt.Sprint(i + 1), Error: &junitNote{Message: text, Type: "error"}})
	}
	return writeXML(w, doc)
}
