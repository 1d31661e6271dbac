package reports

import (
	"errors"
	"strings"
	"testing"
)

// pipes counts the pipes that end a cell.
func pipes(line string) int {
	return strings.Count(strings.NewReplacer(`\\`, "", `\|`, "").Replace(line), "|")
}

// cellsOf are the tables of a Markdown text, line by line, outside fenced code.
func tableLines(text string) (tables [][]string) {
	fence, inTable := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]; {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && line == fence:
			fence = ""
		case fence == "" && strings.HasPrefix(line, "|"):
			if !inTable {
				tables = append(tables, nil)
			}
			tables[len(tables)-1] = append(tables[len(tables)-1], line)
		}
		inTable = fence == "" && strings.HasPrefix(line, "|")
	}
	return tables
}

func TestMarkdownTables(t *testing.T) {
	hostile := sample()
	for i := range hostile.Rows {
		row := &hostile.Rows[i]
		if row.Report != nil {
			p := *row.Expected
			p.Short = "a | b \\| c \\ <b> *x*\n| new line"
			row.Expected = &p
			row.Report.Reason = "one | two\n```\n| not | a | table |"
		} else {
			row.Skip = "no | such\nrow"
		}
	}
	hostile.Rows[1].Err, hostile.Rows[1].Report = errors.New("pipe | and\n\n```` fence"), nil
	for name, r := range map[string]*Result{"sample": sample(), "surprises": surprises(), "many": many(), "swept": swept(), "hostile": hostile} {
		text := written(t, r, Markdown)
		tables, first := tableLines(text), overviews(r)
		if want := len(first) + len(groups(r)); len(tables) != want {
			t.Fatalf("%s: %d tables, want %d:\n%s", name, len(tables), want, text)
		}
		for i, o := range first {
			if len(tables[i]) != len(o.rows)+2 {
				t.Errorf("%s: the overview of %s has %d lines, and %d rows", name, o.workload, len(tables[i]), len(o.rows))
			}
			for _, line := range tables[i] {
				if pipes(line) != pipes(tables[i][0]) {
					t.Errorf("%s: %d cells, want %d: %s", name, pipes(line)-1, pipes(tables[i][0])-1, line)
				}
			}
		}
		tables = tables[len(first):]
		lines := 0
		for _, table := range tables {
			lines += len(table) - 2 // without the header and its rule
			for _, line := range table {
				if want := len(markdownLayout(r).shown); pipes(line) != want+1 {
					t.Errorf("%s: %d cells, want %d: %s", name, pipes(line)-1, want, line)
				}
			}
		}
		want := 0
		for i := range r.Rows {
			if r.Rows[i].Skip == "" {
				want++
			}
		}
		if lines != want {
			t.Errorf("%s: %d rows, want %d", name, lines, want)
		}
		if !strings.HasSuffix(text, "\n```\n\n</details>\n") && !strings.HasSuffix(text, "\n`````\n\n</details>\n") {
			t.Errorf("%s: the fence is not closed: …%s", name, text[len(text)-40:])
		}
	}
}

func TestMarkdownUnfoldsSurprises(t *testing.T) {
	if text := written(t, sample(), Markdown); strings.Contains(text, "<details open>") || !strings.Contains(text, "<details>") {
		t.Error("sample: nothing is surprising there, and it is unfolded")
	}
	text := written(t, surprises(), Markdown)
	for _, want := range []string{"<details open>", "**✗ UNSAFE!**"} {
		if !strings.Contains(text, want) {
			t.Errorf("surprises: no %s", want)
		}
	}
}
