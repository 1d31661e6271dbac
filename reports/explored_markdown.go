package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports/html"
)

// ExploredMarkdown writes explored rows as Markdown: the overview, the schedules that break, and a line for each row.
func ExploredMarkdown(w io.Writer, rows []suite.Explored) error {
	answer, _ := exploredAnswer(rows)
	p := newMarkdown("lastseat explore", answer)
	for _, b := range exploredOverview(rows) {
		if m, ok := b.(html.Matrix); ok {
			p.matrix(m)
		}
	}
	shown := 0
	for _, surprise := range []bool{true, false} {
		for i := range rows {
			e := &rows[i]
			if exploredSurprise(e) != surprise || e.Verdict != harness.Unsafe && !surprise || shown == mostFolded {
				continue
			}
			var text strings.Builder
			if err := ExploredText(&text, e); err != nil {
				return err
			}
			shown++
			p.folded(surprise || len(rows) == 1, fmt.Sprintf("%s %s on %s: %s", exploredMark(e), e.Workload, e, says(e)), text.String())
		}
	}
	var lines strings.Builder
	for i := range rows {
		if err := ExploredLine(&lines, &rows[i]); err != nil {
			return err
		}
	}
	if len(rows) > 1 {
		p.folded(false, "Row by row", lines.String())
	}
	p.folded(false, "What the signs mean", signs)
	return p.write(w)
}
