package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness/suite"
)

// pictured is what the picture needs of the JSON of lastseat explore.
type pictured struct {
	Rows []struct {
		Verdict, Anomaly, Plain string
		Run, Breaking           int
		Shortest                struct {
			Clients []string
			Steps   []struct {
				Turn, Client int
				Text, Answer string
			}
		}
	}
}

// pictureArgs are the command whose schedule the tour's picture shows.
var pictureArgs = []string{"explore", "--target", "sqlite", "--workload", "seats", "--strategy", "naive-autocommit", "--clients", "2"}

// TestPicture: docs/lastseat.svg is drawn from what lastseat explore finds today. -update draws it anew.
func TestPicture(t *testing.T) {
	file := filepath.Join(t.TempDir(), "explored.json")
	begin(t, "", append(pictureArgs, "--json", file)...).exits(suite.ExitAsExpected)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p pictured
	if err := json.Unmarshal(content, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Rows) != 1 || p.Rows[0].Verdict != "unsafe" || len(p.Rows[0].Shortest.Steps) == 0 {
		t.Fatalf("no schedule sells one seat twice: %s", content)
	}
	const name = "../../docs/lastseat.svg"
	drawn := draw(p)
	if *update {
		if err := os.WriteFile(name, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if there, err := os.ReadFile(name); err != nil || string(there) != drawn {
		t.Errorf("%s is not what lastseat explore finds today; -update draws it anew (%v)", name, err)
	}
}

// Measures of the picture, in pixels.
const (
	pictureWidth = 960
	lineHeight   = 20
	columnWidth  = 440
	lineRunes    = 50
)

// canvas collects lines of text, from the top down.
type canvas struct {
	b strings.Builder
	y int
}

func (c *canvas) text(x int, class, s string) {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	fmt.Fprintf(&c.b, "  <text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, c.y, class, s)
}

// draw makes the picture: the command, a column a client, time downwards, and what broke.
func draw(p pictured) string {
	row := p.Rows[0]
	c := &canvas{y: 36}
	left := func(client int) int { return 50 + client*columnWidth }
	c.text(24, "dim", "$ lastseat "+strings.Join(pictureArgs, " "))
	c.y += 2 * lineHeight
	c.text(24, "head", "One seat is left. Two clients buy it.")
	c.y += lineHeight + 12
	for i, name := range row.Shortest.Clients {
		class := "ok"
		if !strings.HasSuffix(name, "ok") {
			class = "head"
		}
		c.text(left(i), class, name)
	}
	rule := c.y + 8
	c.y += lineHeight + 10
	for _, step := range row.Shortest.Steps {
		c.text(24, "dim", fmt.Sprint(step.Turn))
		for i, line := range folded(step.Text) {
			if i > 0 {
				c.y += lineHeight
			}
			c.text(left(step.Client)+16*min(i, 1), "code", line)
		}
		if step.Answer != "" {
			c.y += lineHeight
			c.text(left(step.Client), "answer", "→ "+step.Answer)
		}
		c.y += lineHeight + 4
	}
	c.y += lineHeight
	c.text(24, "bad", fmt.Sprintf("✗ The seat is sold twice, in %d of %d orders of these statements.", row.Breaking, row.Run))
	c.y += lineHeight
	plain, _, _ := strings.Cut(row.Plain, ":")
	c.text(24, "dim", row.Anomaly+": "+plain)
	height := c.y + 24
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img">
  <title>lastseat explore: one seat, sold twice</title>
  <style>
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #1f2328 }
    .head, .ok, .bad { font-weight: bold }
    .dim { fill: #59636e } .ok { fill: #1a7f37 } .bad { fill: #cf222e } .answer { fill: #0550ae }
    rect { fill: #ffffff; stroke: #d0d7de } line { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .dim { fill: #9198a1 } .ok { fill: #3fb950 } .bad { fill: #f85149 } .answer { fill: #79c0ff }
      rect { fill: #0d1117; stroke: #3d444d } line { stroke: #3d444d }
    }
  </style>
  <rect x="0.5" y="0.5" width="%[3]d" height="%[4]d" rx="8"/>
  <line x1="24" y1="%[5]d" x2="%[6]d" y2="%[5]d"/>
%[7]s</svg>
`, pictureWidth, height, pictureWidth-1, height-1, rule, pictureWidth-24, c.b.String())
}

// folded is a statement in lines that fit a column.
func folded(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line+" "+word) > lineRunes:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
