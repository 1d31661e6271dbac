package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/stats"
)

// CompareText writes a comparison for people: the answer, what is compared, verdicts that changed, thresholds, and figures.
func CompareText(w io.Writer, r *compare.Result, opt TableOptions) error {
	p := &page{width: cmp.Or(opt.Width, defaultWidth), colors: colors(opt.Color)}
	answer, _ := compareAnswer(r)
	for _, line := range wrap("lastseat compare: "+answer, p.width) {
		p.line(bold(line, opt.Color))
	}
	p.blank()
	p.side("old  ", &r.Old)
	p.side("new  ", &r.New)
	p.changes(r)
	p.thresholds(r.Thresholds)
	p.figures(r)
	p.advice("Why, as far as it was measured", compareWhy(r))
	p.advice("What to do", compareDo(r))
	p.alone("Only in the old", r.OnlyOld)
	p.alone("Only in the new", r.OnlyNew)
	p.blank()
	for _, note := range compareNotes(r) {
		p.para("", note)
	}
	if r.More != "" {
		p.line("  " + r.More)
	}
	return p.flush(w)
}

// advice is a list below a title; nothing, if it is empty.
func (p *page) advice(title string, items []string) {
	for i, item := range items {
		if i == 0 {
			p.blank()
			p.line(title)
		}
		p.para("  – ", item)
	}
}

// side says what a side consists of.
func (p *page) side(name string, s *compare.Side) {
	for i, fact := range sideFacts(s) {
		if i > 0 {
			name = pad("", len(name))
		}
		p.para(name, fact)
	}
}

func sideFacts(s *compare.Side) []string {
	const most = 3
	files := strings.Join(s.Files[:min(len(s.Files), most)], ", ")
	if n := len(s.Files); n > most {
		files += fmt.Sprintf(" and %d more", n-most)
	}
	if !s.Started.IsZero() {
		files += " · " + s.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return append([]string{files}, s.Servers...)
}

// changes lists the rows whose verdicts changed.
func (p *page) changes(r *compare.Result) {
	for i, row := range verdictsChanged(r) {
		if i == 0 {
			p.blank()
			p.line("Verdicts that changed")
		}
		p.para("  "+changeMark(row)+" ", row.Name+": "+changedVerdict(row))
		if row.Why != "" {
			p.para("      ", row.Why)
		}
		if row.Command != "" && (row.Change == compare.Violation || row.Change == compare.Worse) {
			p.line("      " + row.Command)
		}
	}
}

// changeMark stands for a change.
func changeMark(row *compare.Row) string {
	switch row.Change {
	case compare.Violation:
		return "✗!"
	case compare.Worse:
		return "? "
	case compare.Better:
		return "✓ "
	case compare.Same, compare.Other:
	}
	return "  "
}

// verdictsChanged are the rows whose verdicts did, the worst first.
func verdictsChanged(r *compare.Result) (rows []*compare.Row) {
	for _, c := range []compare.Change{compare.Violation, compare.Worse, compare.Better, compare.Other} {
		for i := range r.Rows {
			if r.Rows[i].Change == c {
				rows = append(rows, &r.Rows[i])
			}
		}
	}
	return rows
}

// changedVerdict is "safe → UNSAFE (new violation)".
func changedVerdict(row *compare.Row) string {
	if row.Old == row.New && row.OldSurprise == row.NewSurprise {
		return string(row.New) + ", as before"
	}
	text := verdictWord(row.Old, row.OldSurprise) + " → " + verdictWord(row.New, row.NewSurprise)
	switch row.Change {
	case compare.Violation:
		text += " (new violation)"
	case compare.Worse:
		text += " (not decided any more)"
	case compare.Better, compare.Same, compare.Other:
	}
	return text
}

func verdictWord(v harness.Verdict, surprise bool) string {
	switch {
	case surprise && v == harness.Unsafe:
		return "UNSAFE!"
	case surprise:
		return string(v) + "!"
	}
	return string(v)
}

// alone lists rows that one side does not have.
func (p *page) alone(title string, all []compare.Lone) {
	if len(all) == 0 {
		return
	}
	p.blank()
	p.line(title)
	for i := range all {
		p.para("  – ", loneText(&all[i]))
	}
}

func loneText(l *compare.Lone) string {
	text := l.Row + " (" + string(l.Verdict) + ")"
	if l.Why != "" {
		text += ": on the other side " + l.Why
	}
	return text
}

// compareNotes say what figures rest on.
func compareNotes(r *compare.Result) []string {
	n := r.Samples()
	var notes []string
	if hasShares(r) {
		notes = append(notes, "broken: the share of rounds or of schedules that break. Of rounds, and of schedules that were drawn, with its interval at 95 % (Wilson); p by Fisher's exact test. Where all schedules were run it is no estimate, and any difference is one.")
	}
	switch {
	case n == 0:
	case !sampled(r):
		notes = append(notes, fmt.Sprintf("Each side has %s of a row: nobody can tell a change from luck. At least %d runs a side are needed for an interval.", plural(n, "sample"), stats.LeastRuns))
	default:
		notes = append(notes, fmt.Sprintf("old, new: the median of at least %s, with its interval at 95 %%; p by the Mann-Whitney U test, a difference counts at p ≤ 0.05.", plural(n, "sample"))+
			luckText(figureCount(r)))
		if n < stats.LeastRuns {
			notes = append(notes, fmt.Sprintf("With fewer than %d samples a side there is no interval.", stats.LeastRuns))
		}
	}
	if r.More != "" {
		notes = append(notes, "More runs, of each side:")
	}
	return notes
}

// luckText says how many figures differ by luck where many are compared.
func luckText(figures int) string {
	const one = 20 // at p ≤ 0.05
	if figures < one {
		return ""
	}
	return fmt.Sprintf(" Of %d figures, about %d differ so by luck alone.", figures, figures/one)
}
