package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Checked is what lastseat check says of one file. docs/json.md explains the keys.
type Checked struct {
	File           string           `json:"file"`
	Format         string           `json:"format"`           // lastseat, jepsen-edn, elle-json
	Workload       string           `json:"workload"`         // append, bank, seats, …
	Row            string           `json:"row,omitempty"`    // lastseat's own: the row that was recorded
	Model          string           `json:"model,omitempty"`  // the consistency model asked for, where there is one
	Verdict        harness.Verdict  `json:"verdict"`          // safe, unsafe, inconclusive
	Anomalies      []string         `json:"anomalies"`        // by name, sorted
	Not            []string         `json:"not"`              // the weakest models ruled out
	AlsoNot        []string         `json:"also_not"`         // those ruled out with them
	ConsistentWith []string         `json:"consistent_with"`  // the strongest models not ruled out
	Operations     int              `json:"operations"`       // clients' operations, each with its answer
	Witnesses      []CheckedWitness `json:"witnesses"`        // what shows the anomalies
	Reason         string           `json:"reason"`           // the verdict in a sentence
	Faults         []harness.Fault  `json:"faults,omitempty"` // that were made while clients ran
}

// CheckedWitness shows one anomaly, or one broken invariant.
type CheckedWitness struct {
	Anomaly string `json:"anomaly"`
	Text    string `json:"text"` // in words, of several lines for a cycle
	Plain   string `json:"-"`    // what such an anomaly is, in a sentence; may be empty
}

const checkedVersion = 2

// CheckedJSON writes what was said of the files as one document.
func CheckedJSON(w io.Writer, files []Checked) error {
	w = harness.VisibleWriter(w)
	doc := struct {
		Version int       `json:"version"`
		Files   []Checked `json:"files"`
	}{checkedVersion, make([]Checked, 0, len(files))}
	for _, f := range files {
		for _, list := range []*[]string{&f.Anomalies, &f.Not, &f.AlsoNot, &f.ConsistentWith} {
			if *list == nil {
				*list = []string{}
			}
		}
		if f.Witnesses == nil {
			f.Witnesses = []CheckedWitness{}
		}
		doc.Files = append(doc.Files, f)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// CheckedText writes a line for the file, and under it what shows the verdict: the first witness of each kind, or all.
func CheckedText(w io.Writer, f *Checked, all bool) {
	w = harness.VisibleWriter(w)
	what := f.Workload
	if f.Row != "" {
		what += " on " + f.Row
	}
	if what != "" {
		what += ": "
	}
	fmt.Fprintf(w, "%s: %s%s (%s; %s)\n", harness.VisibleLine(f.File), harness.VisibleLine(what), f.Verdict, plural(f.Operations, "operation"), harness.VisibleLine(f.Reason))
	if len(f.Faults) > 0 {
		fmt.Fprintf(w, "  faults: %s\n", harness.VisibleLine(faultsText(f.Faults)))
	}
	shown := map[string]bool{}
	left := 0
	for _, wit := range f.Witnesses {
		if shown[wit.Anomaly] && !all {
			left++
			continue
		}
		title := harness.VisibleLine(wit.Anomaly) + ": "
		if wit.Plain != "" && !shown[wit.Anomaly] {
			fmt.Fprintf(w, "  %s%s\n", title, harness.VisibleLine(wit.Plain))
			title = ""
		} else if wit.Plain != "" {
			fmt.Fprintf(w, "  %sonce more\n", title)
			title = ""
		}
		shown[wit.Anomaly] = true
		indent := "  "
		if title == "" {
			indent = "    "
		}
		fmt.Fprintf(w, "%s%s%s\n", indent, title, strings.ReplaceAll(wit.Text, "\n", "\n"+indent))
	}
	if left > 0 {
		fmt.Fprintf(w, "  %s not shown: --explain\n", plural(left, "more case"))
	}
	if len(f.Not) > 0 {
		fmt.Fprintf(w, "  not %s, nor what includes %s\n", harness.VisibleLine(strings.Join(f.Not, ", ")), them(len(f.Not)))
	}
	if len(f.ConsistentWith) > 0 && f.Verdict != harness.Inconclusive {
		fmt.Fprintf(w, "  consistent with: %s\n", harness.VisibleLine(strings.Join(f.ConsistentWith, ", ")))
	}
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// CheckedSum writes one line about several files.
func CheckedSum(w io.Writer, files []Checked) {
	w = harness.VisibleWriter(w)
	count := map[harness.Verdict]int{}
	for i := range files {
		count[files[i].Verdict]++
	}
	fmt.Fprintf(w, "%s: %d safe, %d unsafe, %d inconclusive\n", plural(len(files), "file"),
		count[harness.Safe], count[harness.Unsafe], count[harness.Inconclusive])
}
