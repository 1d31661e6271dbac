package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/trace"
)

const traceVersion = 1

type traceDocument struct {
	Version int            `json:"version"`
	Kind    Kind           `json:"kind"`
	Traces  []trace.Report `json:"traces"`
}

// TraceJSON writes what operations do, and which could race, each with the command that decides it.
func TraceJSON(w io.Writer, all []trace.Report) error {
	all = slices.Clone(list(all))
	for i := range all {
		r := &all[i]
		r.Pairs = slices.Clone(list(r.Pairs))
		for k := range r.Pairs {
			r.Pairs[k].Command = TraceCommand(r, &r.Pairs[k])
		}
	}
	return writeJSON(w, traceDocument{traceVersion, TraceKind, all})
}

// ReadTraceJSON reads what TraceJSON wrote.
func ReadTraceJSON(text []byte) ([]trace.Report, error) {
	var doc traceDocument
	err := readJSON(text, traceVersion, &doc)
	return doc.Traces, err
}

// TraceMarkdown writes a table of the pairs, and below it what each operation does.
func TraceMarkdown(w io.Writer, all []trace.Report) error {
	var b strings.Builder
	for i := range all {
		r := &all[i]
		fmt.Fprintf(&b, "## lastseat trace: %s at %s\n\n", inline(r.File), inline(string(r.Level)))
		markdownLine(&b, []string{"pair", "could race", "why"})
		markdownLine(&b, []string{"---", "---", "---"})
		for k := range r.Pairs {
			pair := &r.Pairs[k]
			could, why := "not seen", pair.Why
			if pair.Could {
				could, why = "could", ""
				for _, reason := range pair.Reasons {
					why += reason.Text + ". "
				}
				if pair.Unless != "" {
					why += "Not so if it is the same for both: " + pair.Unless + "."
				}
			}
			if pair.Deadlock != "" {
				why = strings.TrimSuffix(strings.TrimSpace(why), ".") + ". Deadlock possible: " + pair.Deadlock + "."
			}
			why = inline(strings.TrimSpace(why))
			if c := TraceCommand(r, pair); c != "" {
				why += " Decides it: " + inline(c)
			}
			markdownLine(&b, []string{inline(pairName(pair)), could, why})
		}
		p := &page{width: defaultWidth}
		for k := range r.Operations {
			p.operation(r, &r.Operations[k])
		}
		fmt.Fprintf(&b, "\n%s\n\n", fenced(strings.TrimSpace(p.b.String())))
	}
	_, err := io.WriteString(harness.VisibleWriter(w), b.String())
	return err
}
