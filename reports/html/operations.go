package html

import (
	"html/template"
	"math"
	"slices"
	"strconv"
)

// Operations are a few operations of a history, with a line a client.
type Operations struct {
	Title string
	Units string // of the times: "ms since the row's start"
	// Ordered draws moments at even distances, in their order: the times are places and no times.
	Ordered bool
	All     []Operation
}

// Operation is what a client asked for, and when.
type Operation struct {
	Client       string
	Name, Answer string
	Did          string
	Wrong        bool    // its answer is no answer
	Marked       bool    // it is what it is about
	Unended      bool    // it has no To: it may still happen
	From, To     float64 // in Units
}

func (Operations) template() string { return "operations" }

// Letter stands for an operation in the picture.
func (Operations) Letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return strconv.Itoa(i + 1)
}

// Caption is what it shows.
func (o Operations) Caption() string { return o.Title }

// SVG draws a bar an operation, from when it was asked for until its answer, in the line of its client, over an axis of time.
func (o Operations) SVG() template.HTML {
	const each, begin = 30, 92
	var d drawing
	var clients []string
	for _, op := range o.All {
		if !slices.Contains(clients, op.Client) {
			clients = append(clients, op.Client)
		}
	}
	if len(clients) == 0 {
		return d.svg(top, o.Title)
	}
	a := o.axis()
	x := func(v float64) float64 { return begin + a.at(v)*(width-begin-right-16) }
	low := float64(top + each*len(clients))
	for _, v := range a.ticks() {
		d.line(x(v), top, x(v), low+4, "grid")
		d.text(x(v), low+17, "mid small", strconv.FormatFloat(v, 'f', a.decimals, 64))
	}
	for i, c := range clients {
		y := float64(top+each*i) + each/2
		d.line(begin, y, width-right, y, "grid")
		d.text(begin-8, y+4, "end", cut(c, 12))
	}
	for i, op := range o.All {
		y, class := float64(top+each*slices.Index(clients, op.Client)), "op"
		if op.Wrong {
			class = "op unended"
		}
		if op.Marked {
			class += " marked"
		}
		end := x(math.Max(op.To, op.From))
		if op.Unended {
			class, end = class+" unended", width-right
		}
		wide := math.Max(end-x(op.From), 6)
		d.rect(x(op.From), y+5, wide, each-10, class, op.Client+": "+op.Name+" → "+op.Answer)
		text := o.Letter(i)
		full := text + " " + op.Name + " → " + op.Answer
		if o.Ordered {
			full = text + " " + op.Name
		}
		if float64(len(full))*7 < wide {
			text = full
		}
		d.text(x(op.From)+wide/2, y+each/2+4, "mid strong", text)
	}
	d.text((begin+width-right)/2, low+32, "mid faint", "time → ("+o.Units+")")
	return d.svg(low+40, o.Title)
}

// axis is where moments are drawn, from 0 to 1.
type axis struct {
	moments  []float64 // sorted, each once
	ordered  bool
	decimals int
}

func (o Operations) axis() axis {
	a := axis{ordered: o.Ordered}
	for _, op := range o.All {
		a.moments = append(a.moments, op.From)
		if !op.Unended {
			a.moments = append(a.moments, op.To)
		}
	}
	slices.Sort(a.moments)
	a.moments = slices.Compact(a.moments)
	if !o.Ordered {
		a.decimals = decimals(a.room())
	}
	return a
}

func (a *axis) room() float64 { return math.Max(a.moments[len(a.moments)-1]-a.moments[0], 1e-9) }

func (a *axis) at(v float64) float64 {
	if a.ordered {
		i, _ := slices.BinarySearch(a.moments, v)
		return float64(i) / math.Max(float64(len(a.moments)-1), 1)
	}
	return (v - a.moments[0]) / a.room()
}

// ticks are four moments.
func (a *axis) ticks() (all []float64) {
	for i := range 4 {
		v := a.moments[0] + a.room()*float64(i)/3
		if a.ordered {
			v = a.moments[i*(len(a.moments)-1)/3]
		}
		all = append(all, v)
	}
	return slices.Compact(all)
}

// decimals are as many as tell moments apart in so much time.
func decimals(room float64) int { return int(min(max(2-math.Floor(math.Log10(room)), 0), 6)) }
