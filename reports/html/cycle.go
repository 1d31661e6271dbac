package html

import (
	"fmt"
	escape "html"
	"html/template"
	"math"
	"slices"
)

// Cycle is transactions of which each has to come before the next, and the last before the first.
type Cycle struct {
	ID    string // that no other on the page has
	Nodes []Node
	Gap   int // after so many of them some are left out; 0: none
	Left  int // how many
	Units string
}

// Node is a transaction, and why it comes before the next.
type Node struct {
	Letter, Name, Text string
	Kind, Why          string // of the step to the next one
	Process            int
	From, To           int64 // To -1: the history does not have its end
}

func (Cycle) template() string { return "cycle" }

// Next is the node after one.
func (c Cycle) Next(i int) Node { return c.Nodes[(i+1)%len(c.Nodes)] }

// EdgeID is what the step from a node is found by.
func (c Cycle) EdgeID(i int) string { return fmt.Sprintf("%s-%d", c.ID, i+1) }

// SVG draws the transactions in a ring, clockwise, with numbered arrows that lead to their reasons.
func (c Cycle) SVG() template.HTML {
	var d drawing
	const size, radius, node = 320, 105, 20
	d.add(`<defs><marker id="%s-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">`+
		`<path d="M0 0L10 5L0 10z" class="head"/></marker></defs>`, escape.EscapeString(c.ID))
	n := float64(len(c.Nodes))
	angle := func(i float64) float64 { return 2*math.Pi*i/n - math.Pi/2 - math.Pi/n*float64(len(c.Nodes)%2) }
	if len(c.Nodes) == 2 {
		angle = func(i float64) float64 { return math.Pi*i + math.Pi }
	}
	at := func(i, r float64) (x, y float64) {
		return width/2 + r*math.Cos(angle(i)), size/2 + r*math.Sin(angle(i))
	}
	for i, k := range c.Nodes {
		from, to := float64(i)+0.5*node/radius*n/math.Pi/1.2, float64(i+1)-0.5*node/radius*n/math.Pi/1.2
		if len(c.Nodes) > 8 {
			from, to = float64(i)+0.3, float64(i)+0.7
		}
		x1, y1 := at(from, radius)
		x2, y2 := at(to, radius)
		mx, my := at(float64(i)+0.5, radius*(2/(1+math.Cos(math.Pi/n*(to-from)))-0.02))
		if len(c.Nodes) == 2 {
			mx, my = at(float64(i)+0.5, radius*1.7)
		}
		dashed := ""
		if c.Left > 0 && i == c.Gap-1 {
			dashed = " dashed"
		}
		d.add(`<path d="M%s %sQ%s %s %s %s" class="edge%s %s" marker-end="url(#%s-head)"/>`,
			num(x1), num(y1), num(mx), num(my), num(x2), num(y2), dashed, kindClass(k.Kind), escape.EscapeString(c.ID))
		lx, ly := at(float64(i)+0.5, radius+30)
		d.add(`<a href="#%s">`, escape.EscapeString(c.EdgeID(i)))
		d.text(lx, ly+4, "mid label "+kindClass(k.Kind), fmt.Sprintf("%d %s", i+1, k.Kind))
		d.add(`</a>`)
	}
	for i, k := range c.Nodes {
		x, y := at(float64(i), radius)
		d.add(`<circle cx="%s" cy="%s" r="%d" class="node"><title>%s</title></circle>`, num(x), num(y), node, escape.EscapeString(k.Name))
		d.text(x, y+5, "mid strong", k.Letter)
	}
	return d.svg(size, "the cycle")
}

// Color is the class of a kind of step.
func (n Node) Color() string { return kindClass(n.Kind) }

// kindClass is the class of a kind of step.
func kindClass(kind string) string {
	switch kind {
	case "ww", "wr", "rw":
		return "k-" + kind
	}
	return "k-other"
}

// Timed reports whether it is known when the transactions were.
func (c Cycle) Timed() bool {
	return slices.ContainsFunc(c.Nodes, func(n Node) bool { return n.From > 0 || n.To > 0 })
}

// Times draws when each transaction was, a line a process.
func (c Cycle) Times() template.HTML {
	const each = 26
	var d drawing
	var processes []int
	from, to := int64(math.MaxInt64), int64(math.MinInt64)
	for _, n := range c.Nodes {
		if !slices.Contains(processes, n.Process) {
			processes = append(processes, n.Process)
		}
		from, to = min(from, n.From), max(to, n.From, n.To)
	}
	slices.Sort(processes)
	room := max(float64(to)-float64(from), 1)
	const begin = 84
	x := func(v int64) float64 { return begin + (float64(v)-float64(from))/room*(width-begin-right-20) }
	low := float64(top + each*len(processes))
	for i, p := range processes {
		y := float64(top + each*i)
		d.line(begin, y+each/2, width-right, y+each/2, "grid")
		d.text(begin-8, y+each/2+4, "end", fmt.Sprintf("process %d", p))
	}
	for _, n := range c.Nodes {
		y := float64(top + each*slices.Index(processes, n.Process))
		end, class := n.To, "op"
		if n.To < n.From {
			end, class = to, "op unended"
		}
		wide := max(x(end)-x(n.From), 20)
		d.rect(x(n.From), y+3, wide, each-6, class, n.Letter+" = "+n.Name+": "+n.Text)
		d.text(x(n.From)+wide/2, y+each/2+5, "mid strong", n.Letter)
	}
	d.text((begin+width-right)/2, low+14, "mid faint", "time → ("+c.Units+")")
	return d.svg(low+22, "when each was")
}
