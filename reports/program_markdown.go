package reports

import (
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
)

// ProgramMarkdown writes explored programs as Markdown: the overview, what happened in short, and each that breaks.
func ProgramMarkdown(w io.Writer, all []program.Report) error {
	o := programOverview(all)
	p := newMarkdown("lastseat explore", withThresholds(o.answer(), program.Thresholds(all)))
	if len(o.parts) > 0 {
		p.matrix(o.matrix())
	}
	p.list(programInShort(all).Items)
	p.thresholds(program.Thresholds(all))
	shown := 0
	for _, wanted := range []harness.Verdict{harness.Unsafe, harness.Inconclusive, harness.Safe} {
		for _, part := range o.parts {
			if part.verdict != wanted || shown == mostFolded {
				continue
			}
			text, err := part.text()
			if err != nil {
				return err
			}
			p.folded(wanted == harness.Unsafe && shown == 0, symbol(part.verdict)+" "+part.name+" at "+string(part.report.Level)+": "+part.says, text)
			shown++
		}
	}
	return p.write(w)
}

// text is what happened, as the terminal has it.
func (p *programPart) text() (string, error) {
	var text strings.Builder
	if p.pair != nil {
		err := ProgramPair(&text, defaultWidth, p.report, p.pair)
		return text.String(), err
	}
	err := ProgramFaulted(&text, defaultWidth, p.report, p.faulted)
	return text.String(), err
}
