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
	All   []Operation
}

// Operation is what a client asked for, and when.
type Operation struct {
	Client       string
	Name, Answer string
	Did          string
	Wrong        bool    // its answer is no answer
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
	from, to := math.Inf(1), math.Inf(-1)
	for _, op := range o.All {
		if !slices.Contains(clients, op.Client) {
			clients = append(clients, op.Client)
		}
		from, to = min(from, op.From), max(to, op.From, op.To)
	}
	if len(clients) == 0 {
		return d.svg(top, o.Title)
	}
	room := math.Max(to-from, 1e-9)
	x := func(v float64) float64 { return begin + (v-from)/room*(width-begin-right-16) }
	low := float64(top + each*len(clients))
	for i := range 4 {
		v := from + room*float64(i)/3
		d.line(x(v), top, x(v), low+4, "grid")
		d.text(x(v), low+17, "mid small", strconv.FormatFloat(v, 'f', decimals(room), 64))
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
		wide := math.Max(x(math.Max(op.To, op.From))-x(op.From), 6)
		d.rect(x(op.From), y+5, wide, each-10, class, op.Client+": "+op.Name+" → "+op.Answer)
		text := o.Letter(i)
		if full := text + " " + op.Name + " → " + op.Answer; float64(len(full))*7 < wide {
			text = full
		}
		d.text(x(op.From)+wide/2, y+each/2+4, "mid strong", text)
	}
	d.text((begin+width-right)/2, low+32, "mid faint", "time → ("+o.Units+")")
	return d.svg(low+40, o.Title)
}

// decimals are as many as tell moments apart in so much time.
func decimals(room float64) int { return int(min(max(2-math.Floor(math.Log10(room)), 0), 6)) }
