package reports

import (
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

// ReplayMarkdown writes what came of a schedule as Markdown: where its outcomes differ, and each play.
func ReplayMarkdown(w io.Writer, r *isolation.Replay) error {
	p := newMarkdown("lastseat replay", replaySummary(r))
	markdownLine(&p.b, []string{"where", "outcome", "as the file expects"})
	markdownLine(&p.b, []string{"---", "---", ":-:"})
	for i := range r.Plays {
		s := &r.Plays[i]
		switch {
		case s.Skip != "":
			markdownLine(&p.b, []string{inline(s.Where), "skipped: " + inline(s.Skip), "–"})
		case playBroke(s):
			markdownLine(&p.b, []string{inline(s.Where), inline(s.Short), "**no**"})
		default:
			markdownLine(&p.b, []string{inline(s.Where), inline(s.Short), "yes"})
		}
	}
	p.b.WriteByte('\n')
	if r.Err != nil {
		p.line("Not everywhere: " + r.Err.Error())
	}
	for i := range r.Plays {
		if s := &r.Plays[i]; s.Skip == "" && i < mostFolded {
			p.folded(playBroke(s), s.Where, playText(s))
		}
	}
	return p.write(w)
}

// playBroke reports whether a play is not as the file, or what is declared, expects.
func playBroke(s *isolation.Play) bool { return len(s.Unmet) > 0 || s.Anomaly != "" }

// playText is a play as a transcript, with what is not as expected.
func playText(s *isolation.Play) string {
	out := &page{width: defaultWidth}
	out.transcript(&s.Transcript)
	for _, text := range s.Unmet {
		out.para("✗ ", text)
	}
	if s.Anomaly != "" {
		out.para("! ", s.Anomaly)
	}
	return out.b.String()
}

// ReplayJUnit writes JUnit's XML: a test case for each server and level. One that is not as the file expects fails.
func ReplayJUnit(w io.Writer, r *isolation.Replay) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat replay", Time: junitTime(0)}
	var cases []junitCase
	for i := range r.Plays {
		s := &r.Plays[i]
		verdict, says := harness.Safe, s.Short
		switch {
		case s.Skip != "":
			verdict, says = harness.Skipped, s.Skip
		case playBroke(s):
			verdict, says = harness.Unsafe, strings.Join(append(s.Unmet[:len(s.Unmet):len(s.Unmet)], s.Anomaly), "; ")
		}
		cases = append(cases, verdictCase(s.Where, verdict, strings.TrimSuffix(says, "; "), playText(s)))
	}
	if r.Err != nil {
		cases = append(cases, junitCase{Name: "all servers", Error: &junitNote{Message: r.Err.Error(), Type: "error"}})
	}
	doc.add(junitSuite{Name: "replay"}, cases...)
	return writeXML(w, doc)
}
