package html

import (
	"html/template"
	"math"
	"time"
)

// Latencies are percentiles of several rows on one scale, which grows by factors.
type Latencies struct {
	Title string
	Unit  func(time.Duration) string
	Rows  []Percentiles
}

// Percentiles are those of a row.
type Percentiles struct {
	Name               string
	P50, P95, P99, Max time.Duration
}

func (Latencies) template() string { return "figure" }

// Caption is what it shows.
func (l Latencies) Caption() string {
	return l.Title + ": median (dot), 95 % and 99 % (bars), longest (line)"
}

// logScale is where durations are between two others, by factors.
func logScale(from, to time.Duration) func(time.Duration) float64 {
	lo, hi := math.Log10(math.Max(float64(from), 1)), math.Log10(math.Max(float64(to), 10))
	lo, hi = math.Floor(lo), math.Ceil(hi+1e-9)
	if hi <= lo {
		hi = lo + 1
	}
	return func(v time.Duration) float64 { return (math.Log10(math.Max(float64(v), 1)) - lo) / (hi - lo) }
}

// decades draws a line at each power of ten.
func (d *drawing) decades(from, to time.Duration, x func(time.Duration) float64, low float64, unit func(time.Duration) string) {
	for v := math.Pow(10, math.Floor(math.Log10(math.Max(float64(from), 1)))); v <= 10*float64(to) && v < 1e12; v *= 10 {
		at := time.Duration(v)
		if x(at) > width-right+0.5 {
			break
		}
		d.line(x(at), top, x(at), low, "grid")
		d.text(x(at), low+16, "mid", unit(at))
	}
}

// SVG draws the rows below each other.
func (l Latencies) SVG() template.HTML {
	const each, name = 22, 170
	var d drawing
	from, to := time.Duration(math.MaxInt64), time.Duration(1)
	for _, r := range l.Rows {
		from, to = min(from, r.P50), max(to, r.Max)
	}
	share := logScale(from, to)
	x := func(v time.Duration) float64 { return name + share(v)*(width-name-right) }
	low := float64(top + each*len(l.Rows))
	d.decades(from, to, x, low, l.Unit)
	for i, r := range l.Rows {
		y := float64(top + each*i + each/2)
		title := r.Name + ": half within " + l.Unit(r.P50) + ", 95 % within " + l.Unit(r.P95) + ", 99 % within " + l.Unit(r.P99) + ", all within " + l.Unit(r.Max)
		d.text(name-8, y+4, "end", cut(r.Name, 26))
		d.line(x(r.P50), y, x(r.Max), y, "whisker")
		d.rect(x(r.P50), y-3, x(r.P99)-x(r.P50), 6, "p99", title)
		d.rect(x(r.P50), y-5, x(r.P95)-x(r.P50), 10, "p95", title)
		d.add(`<circle cx="%s" cy="%s" r="4" class="p50"/>`, num(x(r.P50)), num(y))
	}
	return d.svg(low+24, l.Title)
}

// cut is text of at most n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}

// Distribution is how many operations took how long.
type Distribution struct {
	Title string
	Unit  func(time.Duration) string
	Bars  []Span // shortest first
	Marks []Mark
}

// Span is how many operations took between From and To.
type Span struct {
	From, To time.Duration
	Count    int64
}

// Mark is a duration with a name: p99.
type Mark struct {
	Name string
	At   time.Duration
}

func (Distribution) template() string { return "figure" }

// Caption is what it shows.
func (h Distribution) Caption() string { return h.Title }

// columns are how many bars are drawn: neighbours are put together.
const columns = 48

// SVG draws the distribution over a scale that grows by factors.
func (h Distribution) SVG() template.HTML {
	var d drawing
	if len(h.Bars) == 0 {
		return d.svg(height, h.Title)
	}
	from, to := max(h.Bars[0].From, 1), max(h.Bars[len(h.Bars)-1].To, 1)
	lo, hi := math.Log10(float64(from)), math.Log10(float64(to)+1)
	if hi-lo < 0.3 {
		lo, hi = lo-0.15, hi+0.15
	}
	share := func(v time.Duration) float64 {
		return min(max((math.Log10(math.Max(float64(v), 1))-lo)/(hi-lo), 0), 1)
	}
	x := func(v time.Duration) float64 { return left + share(v)*(width-left-right) }
	var counts [columns]float64
	most := 0.0
	for _, b := range h.Bars {
		middle := time.Duration(math.Sqrt(math.Max(float64(b.From), 1) * math.Max(float64(b.To), 1)))
		at := min(int(share(middle)*columns), columns-1)
		counts[at] += float64(b.Count)
		most = max(most, counts[at])
	}
	const low = height - bottom
	each := float64(width-left-right) / columns
	for i, n := range counts {
		if n > 0 {
			tall := math.Max(n/most*(low-top-26), 1)
			d.rect(left+float64(i)*each+0.5, low-tall, each-1, tall, "hist", "")
		}
	}
	d.line(left, low, width-right, low, "axis")
	for v := math.Pow(10, math.Ceil(lo)); v <= math.Pow(10, hi); v *= 10 {
		d.line(x(time.Duration(v)), low, x(time.Duration(v)), low+4, "axis")
		d.text(x(time.Duration(v)), low+16, "mid", h.Unit(time.Duration(v)))
	}
	for i, m := range h.Marks {
		d.line(x(m.At), top, x(m.At), low, "mark")
		at, class := x(m.At)+3, "start small"
		if at > width-90 {
			at, class = x(m.At)-3, "end small" // the name would leave the picture
		}
		d.text(at, float64(top+8+10*(i%2)), class, m.Name+" "+h.Unit(m.At))
	}
	return d.svg(height, h.Title)
}
