package reports

import (
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/store"
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
	p.para("", strings.Join(facts, " · "))
	if r.Load != "" {
		p.para("load: ", r.Load)
	}
	if len(r.Servers)+len(r.Backends) > 0 {
		p.blank()
	}
	width := 0
	for _, s := range r.Servers {
		width = max(width, twwidth.Width(s.Target))
	}
	for i := range r.Backends {
		width = max(width, twwidth.Width(r.Backends[i].Component))
	}
	for i := range r.Servers {
		s := &r.Servers[i]
		p.para(pad(s.Target, width)+"  ", describe(s))
		if s.Info.Note != "" && s.Missing == "" {
			p.para(pad("", width)+"  ", s.Info.Note)
		}
	}
	for i := range r.Backends {
		p.para(pad(r.Backends[i].Component, width)+"  ", describeBackend(&r.Backends[i]))
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
		facts = append(facts, durable+" ("+settingsText(i.Settings)+")")
	}
	if i.DefaultLevel != "" && i.DefaultLevel != "none" {
		facts = append(facts, string(i.DefaultLevel)+" by default")
	}
	if i.Wire != "" {
		facts = append(facts, "through "+i.Wire)
	}
	return strings.Join(facts, ", ")
}

// describeBackend is "Redis 7.0.15, throwaway (appendonly no)", "Redis 7.0.15, your own at cache:6379".
func describeBackend(b *Backend) string {
	facts := []string{strings.TrimSpace(b.Product + " " + b.Version)}
	if b.Note != "" {
		facts = append(facts, b.Note)
	}
	if b.Throwaway {
		facts = append(facts, "throwaway")
	}
	if b.Where != "" {
		facts = append(facts, "your own at "+b.Where)
	}
	text := strings.Join(facts, ", ")
	if len(b.Settings) > 0 {
		text += " (" + settingsText(b.Settings) + ")"
	}
	return text
}

// settingsText is "fsync on, synchronous_commit on".
func settingsText(all []store.Setting) string {
	var texts []string
	for _, s := range all {
		texts = append(texts, s.Name+" "+s.Value)
	}
	return strings.Join(texts, ", ")
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

// legend says what the shown columns hold, where their headings do not.
func (l *layout) legend(p *page, r *Result) {
	type entry struct{ name, text string }
	var entries []entry
	add := func(shown bool, name, text string) {
		if shown {
			entries = append(entries, entry{name, text})
		}
	}
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
	add(levels && (!l.full || overview(r)), "levels", "ru read-uncommitted, rc read-committed, rr repeatable-read, ser serializable")
	add(l.shows(opsColumn), "ops/s", "ok operations a second"+ofRuns(runs))
	add(l.shows(bestColumn), headings(r)[bestColumn], bestLegend(r, tested))
	add(l.shows(conflictsColumn), "conflicts", "attempts that a conflict ended")
	add(l.shows(waitingColumn), "waiting", "clients' time spent waiting for locks or backing off")
	add(l.shows(triesColumn), "tries", "attempts an operation")
	switch latency := "latency of ok operations, retries included"; {
	case l.shows(p50Column):
		add(true, "p50, p99", latency)
	default:
		add(l.shows(p99Column), "p99", latency)
	}
	add(l.shows(lagColumn), "lag", "how late operations began, 99th percentile; latencies include it")
	add(l.shows(missedColumn), "missed", "operations skipped or dropped because they were later still")
	add(l.shows(violationsColumn), "violations", "how many, or 0 in how many trials (operations that could have gone wrong)")
	add(l.shows(modelsColumn), "consistent with", "the strongest of the familiar isolation models that nothing seen rules out; strict-serializable: "+
		"serializable in the order of real time (--json has all of Elle's models)")
	add(quiet, "· quiet", "a step of a sweep that shows nothing by itself: the sweep is judged as a whole")
	add(star, "*", "no positive control ran beside it: its checks were shown planted corruptions instead")
	p.blank()
	width := 0
	for _, e := range entries {
		width = max(width, twwidth.Width(e.name))
	}
	for _, e := range entries {
		p.para(pad(e.name, width)+"  ", e.text)
	}
}

// ofRuns says what ops/s are of repeats: a median.
func ofRuns(runs int) string {
	switch lack := (stats.Summary{N: runs}).Warning(); {
	case runs == 0:
		return ""
	case lack != "":
		return ", the median of " + plural(runs, "run") + " (" + lack + ")"
	}
	return ", the median of " + plural(runs, "run") + " ± its 95 % interval"
}

// bestLegend says what goodputs are compared with, and whether rows differ at all.
func bestLegend(r *Result, tested bool) string {
	of := "the fastest safe row of its table"
	if r.Reference != (suite.Reference{}) {
		of = r.Reference.String()
	}
	if axesOf(r).any() {
		of += " at the same step"
	}
	text := "ops/s ÷ that of " + of
	if tested {
		text += "; ~: no significant difference (U test, p > 0.05)"
	}
	return text
}
