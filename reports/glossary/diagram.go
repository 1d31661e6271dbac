package glossary

import (
	"cmp"
	"embed"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/targets"
)

// diagrams are schedules as servers really played them, a file for each of drawings. TestDiagrams plays them again and compares.
//
//go:embed diagrams
var diagrams embed.FS

// A drawing is the diagram of a term: a schedule, and the server and the level that it is played on.
type drawing struct {
	term, schedule string
	target         string
	level          harness.Level
}

// drawings are all diagrams. An anomaly is played at the highest level of PostgreSQL that lets it through, or on MariaDB where
// PostgreSQL prevents it at every level. A level shows what it lets through.
func drawings() []drawing {
	const (
		ru, rc  = harness.ReadUncommitted, harness.ReadCommitted
		rr, ser = harness.RepeatableRead, harness.Serializable
	)
	return []drawing{
		{"G1a", "G1a", "mariadb", ru},
		{"G1b", "G1b", "mariadb", ru},
		{"G1c", "G1c", "mariadb", ru},
		{"OTV", "OTV", "mariadb", ru},
		{"PMP", "PMP", "postgres", rc},
		{"PMP-write", "PMP-write", "postgres", rc},
		{"P4", "P4", "postgres", rc},
		{"G-single", "G-single", "postgres", rc},
		{"G-single-predicate", "G-single-predicate", "postgres", rc},
		{"G-single-write", "G-single-write", "postgres", rc},
		{"stmt-skew", "stmt-skew", "postgres", rr},
		{"G2-item", "G2-item", "postgres", rr},
		{"G2", "G2", "postgres", rr},
		{"G2-join", "G2-join", "postgres", rr},
		{"G2-two-edges", "G2-two-edges", "postgres", rr},
		{"G2-read-only", "G2-read-only", "postgres", rr},
		{"split", "split", "postgres", ser},
		{"partial", "partial", "postgres", ser},
		{"dirty", "G1a", "mariadb", ru},
		{string(ru), "G1a", "mariadb", ru},
		{string(rc), "P4", "postgres", rc},
		{string(rr), "G2-item", "postgres", rr},
		{string(ser), "G2-item", "postgres", ser},
	}
}

// schedules are all schedules that drawings name.
func schedules() ([]*schedule.Schedule, error) {
	all, err := schedule.Anomalies()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"split", "partial"} {
		file := "diagrams/" + name + ".schedule"
		text, err := diagrams.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s, err := schedule.Parse(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// diagram writes the term's diagram, or why it has none.
func (p *page) diagram(t *Term) {
	text, err := diagrams.ReadFile(diagramOf(t.Name))
	switch {
	case err == nil:
		p.blank()
		_, err = p.w.Write(text)
		p.err = cmp.Or(p.err, err)
	case t.hazard != nil:
		p.blank()
		p.para("", noDiagram(*t.hazard))
	}
}

// diagramOf is the file of a term's diagram.
func diagramOf(term string) string { return "diagrams/" + term + ".txt" }

// noDiagram is why a hazard has no diagram.
func noDiagram(h promise.Hazard) string {
	if everywhere(h) {
		return "No diagram: every server here prevents it at every level, so no schedule shows it."
	}
	var from []string
	for _, axis := range targets.Axes() {
		var names []string
		for _, c := range axis.Components {
			if c.Endangers.Has(h) {
				names = append(names, c.Name)
			}
		}
		if len(names) > 0 {
			from = append(from, axis.Name+" "+strings.Join(names, ", "))
		}
	}
	return "No diagram: no order of two clients' statements shows it. It comes of components: " + strings.Join(from, "; ") + "."
}

// everywhere reports whether every level of every server prevents the hazard.
func everywhere(h promise.Hazard) bool {
	for _, e := range targets.Table() {
		for _, d := range e.Declared {
			for _, l := range d.Levels {
				if !d.Isolation(l).Prevents.Has(h) {
					return false
				}
			}
		}
	}
	return true
}
