package anomaly

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness"
)

// DOT writes the cycles among the witnesses as a Graphviz graph: a cluster a cycle, a box a transaction, an arrow for each
// reason why one comes before another.
func DOT(w io.Writer, witnesses []Witness) error {
	w = harness.VisibleWriter(w)
	var b bytes.Buffer
	b.WriteString("digraph history {\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n")
	for i, wit := range witnesses {
		c := wit.Cycle
		if c == nil {
			continue
		}
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", i, quote(wit.title()))
		for j, name := range c.Names {
			fmt.Fprintf(&b, "    c%d_%d [label=%s];\n", i, j, quote(c.Letter(j)+" = "+name+"\n"+c.Texts[j]))
		}
		for j, kind := range c.Kinds {
			style := ""
			if c.Omitted > 0 && j == maxExplained/2-1 {
				style = ", style=dashed"
				kind = fmt.Sprintf("%d more transactions", c.Omitted)
			}
			fmt.Fprintf(&b, "    c%d_%d -> c%d_%d [label=%s%s];\n", i, j, i, (j+1)%len(c.Names), quote(kind), style)
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func (w *Witness) title() string {
	if w.Key == "" {
		return w.Anomaly
	}
	return w.Anomaly + " under key " + w.Key
}

// quote is a text as a quoted DOT string.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\l`).Replace(harness.Visible(text)) + `"`
}

// Sizes of the picture, in pixels.
const (
	pictureWidth  = 960
	pictureHeight = 4000 // from which on no further cycle is begun
	margin        = 24
	boxWidth      = 800
	lineHeight    = 18
	padding       = 10
	lineRunes     = 104 // that fit into a box
)

// kindColors are the arrows' colors.
func kindColor(kind string) string {
	switch kind {
	case "ww":
		return "#b45309"
	case "wr":
		return "#1d4ed8"
	case "rw":
		return "#be123c"
	}
	return "#475569"
}

// SVG writes the cycles and timelines among the witnesses as one picture: under each anomaly's name its transactions from top to bottom,
// between them the reasons why each comes before the next, and at the side the arrow that leads back to the first. Where there are so many
// that nobody would scroll to the last, it says how many are left out.
func SVG(w io.Writer, witnesses []Witness) error {
	w = harness.VisibleWriter(w)
	p, left := picture{y: margin}, 0
	for _, wit := range witnesses {
		switch {
		case wit.Cycle == nil && wit.Timeline == nil:
		case p.y > pictureHeight:
			left++
		case wit.Cycle == nil:
			p.timeline(&wit)
		default:
			p.cycle(&wit)
		}
	}
	if left > 0 {
		p.text(margin, p.y+14, `fill="#334155"`, fmt.Sprintf("%d more are not drawn; check --explain has them in words", left))
		p.y += 14
	}
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13">
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="context-stroke"/></marker></defs>
<rect width="100%%" height="100%%" fill="white"/>
%s</svg>
`, pictureWidth, p.y+margin, pictureWidth, p.y+margin, p.b.String())
	return err
}

// picture grows downwards.
type picture struct {
	b bytes.Buffer
	y int
}

func (p *picture) text(x, y int, attributes, text string) {
	fmt.Fprintf(&p.b, `<text x="%d" y="%d" %s>`, x, y, attributes)
	_ = xml.EscapeText(&p.b, []byte(harness.Visible(text))) // a buffer takes everything
	p.b.WriteString("</text>\n")
}

// head names the anomaly and what it means.
func (p *picture) head(wit *Witness) {
	p.text(margin, p.y+14, `font-size="18" font-weight="bold"`, wit.title())
	p.text(margin, p.y+34, `fill="#334155"`, Meaning(wit.Anomaly))
	p.y += 48
}

func (p *picture) cycle(wit *Witness) {
	c := wit.Cycle
	p.head(wit)
	tops := make([]int, len(c.Names))
	for i := range c.Names {
		tops[i] = p.y
		p.box(c.Letter(i)+" = "+c.Names[i], c.Texts[i])
		if i < len(c.Names)-1 {
			p.arrow(c, i)
		}
	}
	last := len(c.Names) - 1
	color := kindColor(c.Kinds[last])
	right, from, to := margin+boxWidth, p.y-20, tops[0]+20
	fmt.Fprintf(&p.b, `<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="%s" stroke-width="2" marker-end="url(#head)"/>`+"\n",
		right, from, right+110, from, right+110, to, right, to, color)
	p.text(right+88, (from+to)/2+4, `font-weight="bold" fill="`+color+`"`, c.Kinds[last])
	p.y += lineHeight
	for _, line := range wrap(c.Kinds[last] + ": " + c.Whys[last]) {
		p.text(margin+30, p.y, `fill="`+color+`"`, line)
		p.y += lineHeight
	}
	p.y += margin
}

func (p *picture) box(title, text string) {
	lines := wrap(text)
	height := 2*padding + lineHeight*(1+len(lines)) - 4
	fmt.Fprintf(&p.b, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="#f8fafc" stroke="#94a3b8"/>`+"\n", margin, p.y, boxWidth, height)
	y := p.y + padding + 12
	p.text(margin+padding, y, `font-weight="bold"`, title)
	for _, line := range lines {
		y += lineHeight
		p.text(margin+padding, y, `fill="#334155"`, line)
	}
	p.y += height
}

// arrow leads from transaction i to the next.
func (p *picture) arrow(c *Cycle, i int) {
	kind, why, dashed := c.Kinds[i], c.Whys[i], ""
	if c.Omitted > 0 && i == maxExplained/2-1 {
		kind, why, dashed = "…", fmt.Sprintf("%d more transactions", c.Omitted), ` stroke-dasharray="4 4"`
	}
	lines := wrap(kind + ": " + why)
	color, height := kindColor(kind), lineHeight*len(lines)+16
	fmt.Fprintf(&p.b, `<path d="M%d %dV%d" stroke="%s" stroke-width="2"%s marker-end="url(#head)"/>`+"\n",
		margin+16, p.y, p.y+height, color, dashed)
	for j, line := range lines {
		p.text(margin+30, p.y+19+j*lineHeight, `fill="`+color+`"`, line)
	}
	p.y += height
}

// wrap breaks a text into lines of at most lineRunes characters, between words where it can.
func wrap(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineRunes {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line == "" && len(lines) > 0 {
		return lines
	}
	return append(lines, line)
}
