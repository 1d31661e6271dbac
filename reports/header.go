package reports

import (
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/suite"
)

// header writes what was run, on which servers, and what to know before trusting it.
func header(p *page, r *Result) {
	facts := []string{"lastseat", fmt.Sprintf("seed %d", r.Seed)}
	if !r.Started.IsZero() {
		facts = append(facts, r.Started.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if r.Elapsed > 0 {
		facts = append(facts, "took "+span(r.Elapsed))
	}
	if r.Interrupted {
		facts = append(facts, "INTERRUPTED: what was measured until then")
	}
	p.line(strings.Join(facts, " · "))
	if r.Load != "" {
		p.para("load: ", r.Load)
	}
	if len(r.Servers) > 0 {
		p.blank()
	}
	width := 0
	for _, s := range r.Servers {
		width = max(width, twwidth.Width(s.Target))
	}
	for i := range r.Servers {
		s := &r.Servers[i]
		p.para(pad(s.Target, width)+"  ", describe(s))
		if s.Info.Note != "" && s.Missing == "" {
			p.para(pad("", width)+"  ", s.Info.Note)
		}
	}
	warnings := warnings(r)
	if len(warnings) > 0 {
		p.blank()
	}
	for _, w := range warnings {
		p.para("warning: ", w)
	}
}

// warnings are the run's, and what the servers give cause for.
func warnings(r *Result) []string {
	if w := mixedDurability(r.Servers); w != "" {
		return append([]string{w}, r.Warnings...)
	}
	return r.Warnings
}

// describe is "PostgreSQL 15.19, throwaway, durable (fsync on, synchronous_commit on), read-committed by default".
func describe(s *Server) string {
	if s.Missing != "" {
		return "skipped: " + s.Missing
	}
	i := &s.Info
	facts := []string{strings.TrimSpace(i.String())}
	if i.Throwaway && len(i.Settings) > 0 {
		facts = append(facts, "throwaway")
	}
	if len(i.Settings) > 0 {
		durable := "NOT DURABLE"
		if i.Durable {
			durable = "durable"
		}
		var settings []string
		for _, set := range i.Settings {
			settings = append(settings, set.Name+" "+set.Value)
		}
		facts = append(facts, durable+" ("+strings.Join(settings, ", ")+")")
	}
	if i.DefaultLevel != "" && i.DefaultLevel != "none" {
		facts = append(facts, string(i.DefaultLevel)+" by default")
	}
	return strings.Join(facts, ", ")
}

// mixedDurability warns where servers that survive a crash stand beside servers that do not. Stores that have no settings
// keep everything in memory, and nobody expects them to survive.
func mixedDurability(servers []Server) string {
	var durable, not []string
	for _, s := range servers {
		switch {
		case s.Missing != "" || len(s.Info.Settings) == 0:
		case s.Info.Durable:
			durable = append(durable, s.Target)
		default:
			not = append(not, s.Target)
		}
	}
	if len(durable) == 0 || len(not) == 0 {
		return ""
	}
	return "this table mixes servers that keep every acknowledged commit through a crash (" + strings.Join(durable, ", ") +
		") with servers that may not (" + strings.Join(not, ", ") + "): do not compare their ops/s"
}

// legend says what the columns hold.
func (l *layout) legend(p *page, r *Result) {
	var levels, star, quiet, tested bool
	runs := 0
	for i := range r.Rows {
		row := &r.Rows[i]
		levels = levels || row.Label.Isolation.Short() != string(row.Label.Isolation)
		star = star || uncontrolled(row)
		quiet = quiet || row.Verdict() == harness.Quiet
		tested = tested || relationOf(r, row).tested
		runs = max(runs, len(row.Runs))
	}
	p.blank()
	if levels && (!l.full || len(r.Rows) > gridFrom) {
		p.para("levels       ", "ru read-uncommitted, rc read-committed, rr repeatable-read, ser serializable")
	}
	p.para("ops/s, rel   ", opsLegend(r, runs, tested))
	p.para("confl, wait  ", "attempts that a conflict ended; clients' time spent waiting for locks or backing off")
	p.para("tries        ", "attempts an operation; p50, p99: latency of ok operations, retries included")
	if openLoop(r) {
		p.para("lag, missed  ", "how late operations began, 99th percentile, which latencies include; those skipped or dropped because they were later still")
	}
	p.para("violations   ", "how many, or 0 in how many trials (operations that could have gone wrong)")
	if judgesModels(r) {
		p.para("standing     ", "the strongest of the familiar isolation models that nothing seen rules out; strict-serializable: serializable in the order of real time (--json has all of Elle's models)")
	}
	if quiet {
		p.para("· quiet      ", "a step of a sweep that shows nothing by itself: the sweep is judged as a whole")
	}
	if star {
		p.para("*            ", "no positive control ran beside it: its checks were shown planted corruptions instead")
	}
}

// opsLegend says what ops/s and rel are: of repeats, a median, and whether rows differ at all.
func opsLegend(r *Result, runs int, tested bool) string {
	of := "the fastest safe row of its table"
	if r.Reference != (suite.Reference{}) {
		of = r.Reference.String()
	}
	if a := axesOf(r); a.clients || a.cells {
		of += ", at the same step"
	}
	text := "ok operations a second; the same ÷ that of " + of
	if runs == 0 {
		return text
	}
	text = "ok operations a second, the median of " + plural(runs, "run") + " ± its 95 % interval; the same ÷ that of " + of
	if lack := (stats.Summary{N: runs}).Warning(); lack != "" {
		text = "ok operations a second, the median of " + plural(runs, "run") + " (" + lack + "); the same ÷ that of " + of
	}
	if tested {
		text += "; ~: no significant difference (U test, p > 0.05)"
	}
	return text
}
