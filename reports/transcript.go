package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// transcriptGap is the blanks between two sessions, and before the first.
const transcriptGap = 2

// minColumn is the least that a column is wide where its statements are short: results have room as well.
const minColumn = 40

// Transcripts writes one transcript below the other, for a terminal of a width; 0: nobody knows it.
func Transcripts(w io.Writer, width int, all ...schedule.Transcript) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	for i := range all {
		p.blank()
		p.transcript(&all[i])
	}
	return p.flush(w)
}

// transcript writes one column a session, time downwards: the statement, what it returned, where it waited and until when.
func (p *page) transcript(t *schedule.Transcript) {
	if t.Title != "" {
		p.para("", t.Title)
	}
	number := len(fmt.Sprint(len(t.Lines)))
	width := (p.width-number)/max(len(t.Sessions), 1) - transcriptGap
	width = min(width, max(widest(t), minColumn))
	cell := func(n, session int, text string) {
		for _, line := range wrap(text, width) {
			label := strings.Repeat(" ", number)
			if n > 0 {
				label = fmt.Sprintf("%*d", number, n)
				n = 0
			}
			p.line(label + strings.Repeat(" ", transcriptGap+session*(width+transcriptGap)) + line)
		}
	}
	var header strings.Builder
	header.WriteString(strings.Repeat(" ", number))
	for _, name := range t.Sessions {
		header.WriteString(strings.Repeat(" ", transcriptGap) + pad(name, width))
	}
	p.line(header.String())
	for i := range t.Lines {
		l := &t.Lines[i]
		cell(i+1, l.Session, l.Text)
		switch {
		case l.Waited && l.Until == i:
			cell(0, l.Session, "⋮ waits for a lock, until the server ends it")
			result(cell, l)
		case l.Waited:
			cell(0, l.Session, "⋮ waits for a lock")
		default:
			result(cell, l)
		}
		for j := range t.Lines[:i] {
			if freed := &t.Lines[j]; freed.Waited && freed.Until == i {
				cell(j+1, freed.Session, "⋮ goes on")
				result(cell, freed)
			}
		}
	}
	if t.Outcome != "" {
		p.para("→ ", t.Outcome)
	}
}

func result(cell func(int, int, string), l *schedule.TranscriptLine) {
	if l.Result != "" {
		cell(0, l.Session, "→ "+l.Result)
	}
}

// widest is the widest statement.
func widest(t *schedule.Transcript) int {
	most := 0
	for i := range t.Lines {
		most = max(most, twwidth.Width(t.Lines[i].Text))
	}
	return most
}
