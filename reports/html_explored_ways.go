package reports

import (
	"strings"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports/html"
)

// exploredWays has a line for each row that is not as promised, and for each way in which others break: what goes wrong, and what mends it.
func exploredWays(rows []suite.Explored) html.Table {
	t := html.Table{Head: []string{"row", "verdict", "what goes wrong", "what mends it"}, Left: []bool{true, true, true, true}}
	type way struct{ line, more int }
	ways := map[string]*way{}
	for _, wanted := range []bool{true, false} {
		for i := range rows {
			e := &rows[i]
			if e.Shortest == nil || exploredSurprise(e) != wanted {
				continue
			}
			wrong := e.Rule
			if e.Anomaly != "" {
				wrong = e.Anomaly + ": " + strings.TrimSuffix(e.Meaning, ".")
			}
			if w := ways[wrong]; w != nil && !wanted {
				w.more++
				continue
			}
			if !wanted {
				ways[wrong] = &way{line: len(t.Rows)}
			}
			t.Rows = append(t.Rows, []html.Cell{
				{Text: e.Workload + " on " + e.String(), Link: exploredID(i)},
				{Text: exploredMark(e) + " " + string(e.Verdict), Tone: exploredTone(e)},
				{Text: wrong},
				{Text: strings.Join(e.Mends, "; or ")},
			})
		}
	}
	for _, w := range ways {
		t.Rows[w.line][0].Text += more(w.more)
	}
	return t
}
