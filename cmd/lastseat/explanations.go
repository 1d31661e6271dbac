package main

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// explanation is what lastseat explain says of a name. Its texts are those of the tables that names come from.
type explanation struct {
	name, kind, meaning string
	hazard              *promise.Hazard // what prevents and mends it; nil: it is no hazard
	level               harness.Level   // empty: it is no level
}

// explanations are of everything that has a name.
func explanations() ([]explanation, error) {
	var all []explanation
	add := func(kind, name, meaning string) {
		all = append(all, explanation{name: name, kind: kind, meaning: meaning})
	}
	anomalies, err := schedule.Anomalies()
	if err != nil {
		return nil, err
	}
	played := map[string]bool{}
	for _, s := range anomalies {
		e := explanation{name: s.Name, kind: "anomaly", meaning: s.About}
		if h, ok := s.HazardOf(); ok {
			e.hazard = &h
		}
		played[s.Name] = true
		all = append(all, e)
	}
	for _, h := range (^promise.Hazards(0)).List() {
		if !played[h.String()] {
			all = append(all, explanation{name: h.String(), kind: "hazard", meaning: h.Meaning(), hazard: &h})
		}
	}
	for _, l := range harness.Levels() {
		all = append(all, explanation{name: string(l), kind: "level", meaning: levelTexts[l], level: l})
	}
	for _, s := range strategies() {
		add("strategy", s.Name, s.Explain)
	}
	for _, axis := range targets.Axes() {
		for _, d := range axis.Components {
			add(axis.Name, d.Name, d.Explain)
		}
	}
	for _, e := range targets.Table() {
		add("target", e.Name, e.Explain)
	}
	for _, k := range workloads.Table() {
		add("workload", k.Name, k.Explain)
	}
	for _, t := range reports.VerdictTexts() {
		add("verdict", t.Name, t.Meaning)
	}
	for _, t := range reports.ColumnTexts() {
		add("column", t.Name, t.Meaning)
	}
	return all, nil
}
