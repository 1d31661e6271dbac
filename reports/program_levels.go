package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
)

// ProgramEnd says what holds for all levels together: which would save the program, and what came of thresholds.
func ProgramEnd(w io.Writer, width int, all []program.Report) error {
	return errors.Join(ProgramLevels(w, width, all), ThresholdsText(w, width, program.Thresholds(all)))
}

// ProgramLevels says which level would save a program that was explored at several; of one level there is nothing to say.
func ProgramLevels(w io.Writer, width int, all []program.Report) error {
	if len(all) < 2 {
		return nil
	}
	p := &page{width: cmp.Or(width, defaultWidth)}
	p.line("")
	p.line("By level:")
	own := harness.Level("")
	for k := range all[0].Pairs {
		l := levelsOf(all, k)
		p.para("  "+all[0].Pairs[k].Name()+": ", l.sentence())
		for i := range all {
			if k < len(all[i].Pairs) && all[i].Pairs[k].Asks != "" {
				own = all[i].Pairs[k].Asks
			}
		}
	}
	p.para("", whole(all))
	if own != "" {
		p.para("", fmt.Sprintf("The program asks for %s itself, at least here and there: that is what it had then, whatever the line says.", own))
	}
	return p.flush(w)
}

// byLevel is what came of a pair at each level, weakest first.
type byLevel struct {
	breaks, safe, open []string
	errors             map[string]string // at a level where it is safe
}

func levelsOf(all []program.Report, pair int) *byLevel {
	l := &byLevel{errors: map[string]string{}}
	for i := range all {
		level := string(all[i].Level)
		if pair >= len(all[i].Pairs) {
			l.open = append(l.open, level)
			continue
		}
		switch p := &all[i].Pairs[pair]; p.Verdict {
		case harness.Unsafe:
			l.breaks = append(l.breaks, level)
		case harness.Safe:
			l.safe = append(l.safe, level)
			if p.Errors > 0 {
				l.errors[level] = fmt.Sprintf("%d of %s", p.Errors, plural(p.Run, "schedule"))
			}
		default:
			l.open = append(l.open, level)
		}
	}
	return l
}

// sentence says where the pair breaks, and what saves it.
func (l *byLevel) sentence() string {
	var parts []string
	switch {
	case len(l.breaks) == 0 && len(l.open) == 0:
		parts = append(parts, "safe at each of these levels")
	case len(l.breaks) == 0 && len(l.safe) > 0:
		parts = append(parts, "safe at "+strings.Join(l.safe, ", "))
	case len(l.safe) == 0 && len(l.open) == 0:
		parts = append(parts, "breaks at each of these levels: none saves it")
	case len(l.breaks) > 0:
		parts = append(parts, "breaks at "+strings.Join(l.breaks, ", "))
		if len(l.safe) > 0 {
			parts = append(parts, strings.Join(l.safe, " or ")+" saves it")
		}
	}
	if len(l.open) > 0 {
		parts = append(parts, "not decided at "+strings.Join(l.open, ", "))
	}
	for _, level := range l.safe {
		if n := l.errors[level]; n != "" {
			parts = append(parts, fmt.Sprintf("at %s, %s end with an error that no serial order gives: try again what it ends", level, n))
		}
	}
	return strings.Join(parts, "; ") + "."
}

// whole says which level saves all pairs together.
func whole(all []program.Report) string {
	var safe, open []string
	for i := range all {
		switch all[i].Verdict() {
		case harness.Safe:
			safe = append(safe, string(all[i].Level))
		case harness.Inconclusive:
			open = append(open, string(all[i].Level))
		}
	}
	text := "No level of these saves the program: it has to be mended itself."
	switch {
	case len(safe) == len(all):
		text = "The program needs none of them: no pair breaks at any."
	case len(safe) > 0:
		text = fmt.Sprintf("%s would save the program, of what was tried: no pair breaks there.", strings.Join(safe, " or "))
	case len(open) > 0:
		text = "No level of these was found to save the program."
	}
	if len(open) > 0 {
		text += " Not decided: " + strings.Join(open, ", ") + "."
	}
	return text
}
