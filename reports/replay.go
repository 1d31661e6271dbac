package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/suite"
)

// Replay is what came of a user's schedule on several servers and levels.
type Replay struct {
	Plays       []Play
	Interrupted bool
	Failed      bool // on some target it could not be played
}

// Play is a schedule on one server at one level.
type Play struct {
	Where   string // postgres@read-committed
	Skip    string // why it was not played there
	Shown   Transcript
	Short   string   // the outcome in a few words
	Unmet   []string // lines of the file that are not so, and what is
	Anomaly string   // what is declared, where the file names a hazard and another thing came out
}

// ReplayText writes the transcripts, then where the outcomes differ, then what was expected and is not so.
func ReplayText(w io.Writer, r *Replay) error {
	p := &page{width: defaultWidth}
	for i := range r.Plays {
		if r.Plays[i].Skip == "" {
			p.blank()
			r.Plays[i].Shown.write(p)
		}
	}
	r.compare(p)
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
	p.para("", r.summary())
	return p.flush(w)
}

// compare writes each outcome that there was, and where.
func (r *Replay) compare(p *page) {
	var outcomes []string
	where := map[string][]string{}
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
	p.blank()
	if len(outcomes) > 1 {
		p.line(fmt.Sprintf("%d different outcomes:", len(outcomes)))
	}
	for _, o := range outcomes {
		p.para("  ", strings.Join(where[o], ", ")+": "+o)
	}
	p.blank()
}

func (r *Replay) played() int {
	n := 0
	for i := range r.Plays {
		if r.Plays[i].Skip == "" {
			n++
		}
	}
	return n
}

func (r *Replay) broken() int {
	n := 0
	for i := range r.Plays {
		if len(r.Plays[i].Unmet) > 0 || r.Plays[i].Anomaly != "" {
			n++
		}
	}
	return n
}

func (r *Replay) summary() string {
	text := "played " + plural(r.played(), "time")
	if n := r.broken(); n > 0 {
		text += fmt.Sprintf(", %d NOT AS EXPECTED", n)
	} else if r.played() > 0 {
		text += ", nothing contrary to the file"
	}
	if r.Interrupted {
		text += " · INTERRUPTED: what was played until then"
	}
	return text
}

// ExitCode is the program's exit code.
func (r *Replay) ExitCode() int {
	switch {
	case r.Failed:
		return suite.ExitSetup
	case r.broken() > 0:
		return suite.ExitBroken
	case r.Interrupted:
		return suite.ExitInterrupted
	case r.played() == 0:
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}
