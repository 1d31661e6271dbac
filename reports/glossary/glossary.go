// Package glossary knows everything in lastseat that has a name, with what it means: targets, strategies, workloads, isolation levels,
// anomalies, hazards, locks, faults, verdicts, columns. The meanings are those of the tables that the names come from. lastseat list
// and lastseat explain print it, and completion in shells offers it. A newcomer starts at Terms.
package glossary

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// Term is a name, and what it means.
type Term struct {
	Kind    Kind
	Name    string
	Note    string // what a list has between the two: where a strategy is to be had, a level's short name
	Meaning string

	hazard    *promise.Hazard // what prevents and mends it; nil: it is no hazard
	level     harness.Level   // empty: it is no level
	plan      *promise.Plan   // of a strategy; nil: what it needs is not to be told
	component *store.Component
}

// Kind is what a name is a name of. The axes of components are kinds too, by their own names: lock, fault.
type Kind string

// The kinds that are no axis of components.
const (
	Target   Kind = "target"
	Strategy Kind = "strategy"
	Workload Kind = "workload"
	Level    Kind = "level"
	Anomaly  Kind = "anomaly"
	Hazard   Kind = "hazard"
	Verdict  Kind = "verdict"
	Column   Kind = "column"
)

// Terms are all terms, kind by kind.
func Terms() ([]Term, error) {
	anomalies, err := schedule.Anomalies()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(hazards(anomalies), levels(), strategies())
	for _, axis := range targets.Axes() {
		for _, c := range axis.Components {
			all = append(all, Term{Kind: Kind(axis.Name), Name: c.Name, Meaning: c.Explain, component: &c})
		}
	}
	for _, e := range targets.Table() {
		all = append(all, Term{Kind: Target, Name: e.Name, Meaning: e.Explain})
	}
	for _, w := range workloads.Table() {
		all = append(all, Term{Kind: Workload, Name: w.Name, Meaning: w.Explain})
	}
	for _, w := range reports.VerdictTexts() {
		all = append(all, Term{Kind: Verdict, Name: w.Name, Meaning: w.Meaning})
	}
	for _, w := range reports.ColumnTexts() {
		all = append(all, Term{Kind: Column, Name: w.Name, Meaning: w.Meaning})
	}
	return all, nil
}

// Of are the terms of a kind.
func Of(kind Kind) ([]Term, error) {
	all, err := Terms()
	return slices.DeleteFunc(all, func(t Term) bool { return t.Kind != kind }), err
}

// hazards are the anomalies that schedules show, weakest first, and then the hazards that no schedule shows.
func hazards(anomalies []*schedule.Schedule) []Term {
	var all []Term
	played := map[string]bool{}
	for _, s := range anomalies {
		t := Term{Kind: Anomaly, Name: s.Name, Meaning: s.About}
		if h, ok := s.HazardOf(); ok {
			t.hazard = &h
		}
		played[s.Name] = true
		all = append(all, t)
	}
	for _, h := range (^promise.Hazards(0)).List() {
		if !played[h.String()] {
			all = append(all, Term{Kind: Hazard, Name: h.String(), Meaning: h.Meaning(), hazard: &h})
		}
	}
	return all
}

func levels() []Term {
	meanings := map[harness.Level]string{
		harness.ReadUncommitted: "sees what others have not committed (PostgreSQL has no such level: it is read committed there)",
		harness.ReadCommitted:   "each statement sees what was committed before it; lost updates go through",
		harness.RepeatableRead:  "a transaction sees one snapshot; PostgreSQL then refuses lost updates, MySQL lets them through",
		harness.Serializable:    "transactions behave as if they ran one after the other; PostgreSQL aborts, MySQL locks",
	}
	var all []Term
	for _, l := range harness.Levels() {
		all = append(all, Term{Kind: Level, Name: string(l), Note: l.Short(), Meaning: meanings[l], level: l})
	}
	return all
}

// strategies are all strategies, each with the targets that know it.
func strategies() []Term {
	var all []Term
	for _, s := range targets.Strategies() {
		all = append(all, Term{Kind: Strategy, Name: s.Name, Note: whereKnown(s.Name), Meaning: s.Explain, plan: s.Plan})
	}
	return all
}

// whereKnown names the targets that know a strategy.
func whereKnown(strategy string) string {
	var where []string
	for _, e := range targets.Table() {
		for _, s := range e.Strategies {
			if s.Name != strategy {
				continue
			}
			if e.SQL && len(where) == 0 {
				return "SQL targets"
			}
			where = append(where, e.Name)
		}
	}
	return strings.Join(where, ", ")
}
