package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/recheck"
)

const checkedVersion = 2

// CheckedJSON writes what was said of the files as one document.
func CheckedJSON(w io.Writer, files []recheck.Result) error {
	doc := checkedDocument{checkedVersion, CheckKind, make([]recheck.Result, 0, len(files))}
	for _, f := range files {
		for _, list := range []*[]string{&f.Anomalies, &f.Not, &f.AlsoNot, &f.ConsistentWith, &f.Undecided} {
			if *list == nil {
				*list = []string{}
			}
		}
		if f.Witnesses == nil {
			f.Witnesses = []recheck.Witness{}
		}
		doc.Files = append(doc.Files, f)
	}
	return writeJSON(w, doc)
}

type checkedDocument struct {
	Version int              `json:"version"`
	Kind    Kind             `json:"kind"`
	Files   []recheck.Result `json:"files"`
}

// ReadCheckedJSON reads what CheckedJSON wrote.
func ReadCheckedJSON(text []byte) ([]recheck.Result, error) {
	var doc checkedDocument
	err := readJSON(text, checkedVersion, &doc)
	return doc.Files, err
}

// CheckedText writes a line for the file, and under it what shows the verdict: the first witness of each kind, or all.
func CheckedText(w io.Writer, f *recheck.Result, all bool) {
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
	if f.Clocks != nil {
		fmt.Fprintf(w, "  clocks: %s\n", harness.VisibleLine(f.Clocks.String()))
	}
	shown := map[string]bool{}
	left := 0
	for _, wit := range f.Witnesses {
		if shown[wit.Anomaly] && !all {
			left++
			continue
		}
		title := harness.VisibleLine(wit.Title()) + ": "
		if wit.Meaning != "" && !shown[wit.Anomaly] {
			fmt.Fprintf(w, "  %s%s\n", title, harness.VisibleLine(wit.Meaning))
			title = ""
		} else if wit.Meaning != "" {
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
	for _, line := range refuted(f) {
		fmt.Fprintf(w, "  %s\n", harness.VisibleLine(line))
	}
	if len(f.ConsistentWith) > 0 && f.Verdict != harness.Inconclusive {
		fmt.Fprintf(w, "  consistent with: %s\n", harness.VisibleLine(strings.Join(f.ConsistentWith, ", ")))
	}
	if len(f.Undecided) > 0 && f.Verdict != harness.Inconclusive {
		fmt.Fprintf(w, "  undecided: %s\n", harness.VisibleLine(strings.Join(f.Undecided, ", ")))
	}
}

// refuted says which models the history rules out, and how to see why one is out of which no anomaly that is named says so.
func refuted(f *recheck.Result) (lines []string) {
	weakest := anomaly.Weakest(f.Not, f.AlsoNot)
	if len(weakest) == 0 {
		return nil
	}
	lines = append(lines, fmt.Sprintf("not %s, nor what includes %s", strings.Join(weakest, ", "), them(len(weakest))))
	unnamed := slices.DeleteFunc(weakest, func(m string) bool { return slices.Contains(f.Not, m) })
	if len(unnamed) > 0 {
		lines = append(lines, fmt.Sprintf("what rules out %s is shown with --model %s", strings.Join(unnamed, ", "), strings.Join(unnamed, ", or --model ")))
	}
	return lines
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// CheckedSum writes one line about several files.
func CheckedSum(w io.Writer, files []recheck.Result) {
	w = harness.VisibleWriter(w)
	count := map[harness.Verdict]int{}
	for i := range files {
		count[files[i].Verdict]++
	}
	fmt.Fprintf(w, "%s: %d safe, %d unsafe, %d inconclusive\n", plural(len(files), "file"),
		count[harness.Safe], count[harness.Unsafe], count[harness.Inconclusive])
}
