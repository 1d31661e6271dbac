package html

import (
	"fmt"
	escape "html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Sizes of drawings. They are as wide as a phone, so that their text can be read there, and grow up to what CSS allows.
const (
	width  = 480
	height = 220
	left   = 58
	right  = 14
	top    = 12
	bottom = 34
)

// drawing collects the elements of an SVG. Its colors are classes of the style sheet.
type drawing struct{ b strings.Builder }

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *drawing) text(x, y float64, class, text string) {
	d.add(`<text x="%s" y="%s" class="%s">%s</text>`, num(x), num(y), class, escape.EscapeString(text))
}

func (d *drawing) line(x1, y1, x2, y2 float64, class string) {
	d.add(`<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>`, num(x1), num(y1), num(x2), num(y2), class)
}

func (d *drawing) rect(x, y, w, h float64, class, title string) {
	d.add(`<rect x="%s" y="%s" width="%s" height="%s" class="%s"><title>%s</title></rect>`, num(x), num(y), num(max(w, 0)), num(max(h, 0)), class,
		escape.EscapeString(title))
}

func (d *drawing) svg(height float64, label string) template.HTML {
	text := fmt.Sprintf(`<svg viewBox="0 0 %d %s" role="img" aria-label="%s">%s</svg>`, width, num(height), escape.EscapeString(label), d.b.String())
	return template.HTML(text) //nolint:gosec // numbers, classes of this package, and escaped text
}

func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// nice is the least of 1, 2, 2.5, 5 and 10 times a power of ten that is not below v.
func nice(v float64) float64 {
	if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 2.5, 5, 10} {
		if f*power >= v*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// scale draws the vertical axis up to a nice number, and answers where a value is.
func (d *drawing) scale(most float64, unit func(float64) string) (y func(float64) float64) {
	most = nice(most)
	y = func(v float64) float64 { return height - bottom - v/most*(height-top-bottom) }
	for i := range 5 {
		v := most * float64(i) / 4
		d.line(left, y(v), width-right, y(v), "grid")
		d.text(left-6, y(v)+4, "end", unit(v))
	}
	return y
}
