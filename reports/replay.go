package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/isolation"
)

// ReplayText writes the transcripts, then where the outcomes differ, then what was expected and is not so.
func ReplayText(w io.Writer, r *isolation.Replay) error {
	p := &page{width: defaultWidth}
	for i := range r.Plays {
		if r.Plays[i].Skip == "" {
			p.blank()
			p.transcript(&r.Plays[i].Transcript)
		}
	}
	p.compare(r)
	for i := range r.Plays {
		if s := &r.Plays[i]; s.Skip != "" {
			p.para("– ", fmt.Sprintf("skipped: %s – %s", s.Where, s.Skip))
		}
	}
	for i := range r.Plays {
		s := &r.Plays[i]
		for _, text := range s.Unmet {
			p.para("✗ ", s.Where+": "+text)
		}
		if s.Anomaly != "" {
			p.para("! ", s.Where+": "+s.Anomaly)
		}
	}
	p.para("", replaySummary(r))
	return p.flush(w)
}

// outcomesOf are the outcomes that there were, and where each was.
func outcomesOf(r *isolation.Replay) (outcomes []string, where map[string][]string) {
	where = map[string][]string{}
	for i := range r.Plays {
		s := &r.Plays[i]
		if s.Skip != "" {
			continue
		}
		if !slices.Contains(outcomes, s.Short) {
			outcomes = append(outcomes, s.Short)
		}
		where[s.Short] = append(where[s.Short], s.Where)
	}
	return outcomes, where
}

// compare writes each outcome that there was, and where.
func (p *page) compare(r *isolation.Replay) {
	outcomes, where := outcomesOf(r)
	p.blank()
	if len(outcomes) > 1 {
		p.line(fmt.Sprintf("%d different outcomes:", len(outcomes)))
	}
	for _, o := range outcomes {
		p.para("  ", strings.Join(where[o], ", ")+": "+o)
	}
	p.blank()
}

func replaySummary(r *isolation.Replay) string {
	text := "played " + plural(r.Played(), "time")
	if n := r.Broken(); n > 0 {
		text += fmt.Sprintf(", %d NOT AS EXPECTED", n)
	} else if r.Played() > 0 {
		text += ", nothing contrary to the file"
	}
	if r.Interrupted {
		text += " · INTERRUPTED: what was played until then"
	}
	return text
}
