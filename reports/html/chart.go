package html

import (
	"fmt"
	escape "html"
	"html/template"
	"math"
	"strings"
)

// Chart is curves over the values of an axis.
type Chart struct {
	Title, Axis string
	Values      []string // of the axis
	Unit        func(float64) string
	Curves      []Curve
}

// Curve is a figure at each value of the axis; NaN: there is none.
type Curve struct {
	Name   string
	Points []float64
	Broken []bool // where something broke: a cross
}

func (Chart) template() string { return "chart" }

// Curved are the classes of curves, which the style sheet knows.
const curveColors = 6

// Color is the class of a curve.
func (c Chart) Color(i int) string { return fmt.Sprintf("c%d", i%curveColors) }

// SVG draws the curves.
func (c Chart) SVG() template.HTML {
	var d drawing
	most := 0.0
	for _, k := range c.Curves {
		for _, v := range k.Points {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	y := d.scale(most, c.Unit)
	x := func(i int) float64 {
		return left + 12 + float64(i)*(width-left-right-24)/math.Max(float64(len(c.Values)-1), 1)
	}
	for i, name := range c.Values {
		d.text(x(i), height-bottom+16, "mid", name)
	}
	d.text((left+width-right)/2, height-3, "mid faint", c.Axis)
	for i, k := range c.Curves {
		var path []string
		move := "M"
		for at, v := range k.Points {
			if math.IsNaN(v) {
				move = "M"
				continue
			}
			path = append(path, move+num(x(at))+" "+num(y(v)))
			move = "L"
		}
		d.add(`<path d="%s" class="curve %s"/>`, strings.Join(path, ""), c.Color(i))
		for at, v := range k.Points {
			if math.IsNaN(v) {
				continue
			}
			title := escape.EscapeString(fmt.Sprintf("%s, %s %s: %s", k.Name, c.Values[at], c.Axis, c.Unit(v)))
			if at < len(k.Broken) && k.Broken[at] {
				d.add(`<path d="M%s %sl8 8m0 -8l-8 8" class="cross"><title>%s: it breaks</title></path>`, num(x(at)-4), num(y(v)-4), title)
				continue
			}
			d.add(`<circle cx="%s" cy="%s" r="3.5" class="dot %s"><title>%s</title></circle>`, num(x(at)), num(y(v)), c.Color(i), title)
		}
	}
	return d.svg(height, c.Title)
}
