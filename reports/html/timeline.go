package html

import (
	escape "html"
	"html/template"
	"math"
)

// Timeline is what was done over time.
type Timeline struct {
	Title   string
	Seconds float64
	Parts   []Part  // of that time, the first one first
	Curves  []Curve // a point for each part; NaN: there is none
	Unit    func(float64) string
	Shades  []Shade
}

// Part is a time, in seconds.
type Part struct{ From, To float64 }

// Shade is a time in which something was broken, or nobody worked.
type Shade struct {
	From, To float64 // seconds
	Name     string
	Fault    bool
}

func (Timeline) template() string { return "timeline" }

// Color is the class of a curve.
func (Timeline) Color(i int) string { return Chart{}.Color(i) }

// SVG draws the curves as steps, and shades what was broken.
func (t Timeline) SVG() template.HTML {
	var d drawing
	most := 0.0
	for _, c := range t.Curves {
		for _, v := range c.Points {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	y := d.scale(most, t.Unit)
	x := func(s float64) float64 { return left + min(s/math.Max(t.Seconds, 1e-9), 1)*(width-left-right) }
	for _, s := range t.Shades {
		class := "pause"
		if s.Fault {
			class = "fault"
		}
		d.rect(x(s.From), top, math.Max(x(s.To)-x(s.From), 1), height-top-bottom, class, s.Name)
	}
	for i, c := range t.Curves {
		path, move := "", "M"
		for k, v := range c.Points[:min(len(c.Points), len(t.Parts))] {
			if math.IsNaN(v) {
				move = "M"
				continue
			}
			p := t.Parts[k]
			if k > 0 && p.From-t.Parts[k-1].To > (p.To-p.From)/2 {
				move = "M" // nobody worked in between
			}
			path += move + num(x(p.From)) + " " + num(y(v)) + "L" + num(x(p.To)) + " " + num(y(v))
			move = "L"
		}
		d.add(`<path d="%s" class="curve %s"><title>%s</title></path>`, path, t.Color(i), escape.EscapeString(c.Name))
	}
	for i := range 5 {
		s := t.Seconds * float64(i) / 4
		d.text(x(s), height-bottom+16, "mid", tick(s)+" s")
	}
	return d.svg(height-10, t.Title)
}

func tick(v float64) string {
	if v >= 20 {
		return num(math.Round(v))
	}
	return num(math.Round(v*10) / 10)
}
