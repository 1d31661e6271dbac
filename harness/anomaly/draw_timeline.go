package anomaly

import (
	"fmt"
	"slices"
)

// timeline draws a lane a process and in it a bar an operation, from its beginning to its end; those that show the anomaly are red. Moments are
// in their order, and not to scale. What was done stands in the bar where there is room, and all of it below.
func (p *picture) timeline(wit *Witness) {
	const lane, begin, perRune = 30, 120, 8
	p.head(wit)
	for _, line := range wrap(wit.Text) {
		p.text(margin, p.y+14, `fill="#334155"`, line)
		p.y += lineHeight
	}
	p.y += padding
	t := wit.Timeline
	var processes, moments []int64
	for _, o := range t.Operations {
		processes, moments = append(processes, o.Process), append(moments, o.From)
		if o.To >= 0 {
			moments = append(moments, o.To)
		}
	}
	slices.Sort(processes)
	slices.Sort(moments)
	processes, moments = slices.Compact(processes), slices.Compact(moments)
	x := func(moment int64) int {
		i, _ := slices.BinarySearch(moments, moment)
		return begin + (pictureWidth-begin-2*margin)*i/max(len(moments)-1, 1)
	}
	for i, process := range processes {
		y := p.y + lane*i + lane/2
		p.text(margin, y+4, `fill="#334155"`, fmt.Sprintf("process %d", process))
		fmt.Fprintf(&p.b, `<path d="M%d %dH%d" stroke="#cbd5e1"/>`+"\n", begin, y, pictureWidth-margin)
	}
	for i, o := range t.Operations {
		y, end, style := p.y+lane*slices.Index(processes, o.Process), pictureWidth-margin, ` stroke-dasharray="4 4"`
		if o.To >= 0 {
			end, style = x(o.To), ""
		}
		color := `fill="#f8fafc" stroke="#1d4ed8"`
		if o.Shows {
			color = `fill="#ffe4e6" stroke="#be123c" stroke-width="2"`
		}
		wide := max(end-x(o.From), 6)
		fmt.Fprintf(&p.b, `<rect x="%d" y="%d" width="%d" height="%d" rx="3" %s%s/>`+"\n", x(o.From), y+4, wide, lane-8, color, style)
		text := fmt.Sprintf("%d %s", i+1, o.Text)
		if len(text)*perRune > wide {
			text = fmt.Sprint(i + 1)
		}
		p.text(x(o.From)+wide/2, y+lane/2+5, `text-anchor="middle"`, text)
	}
	p.y += lane*len(processes) + padding
	for i, o := range t.Operations {
		p.y += lineHeight
		p.text(margin, p.y, `fill="#334155"`, o.words(i+1, t.Unit))
	}
	if t.Omitted > 0 {
		p.y += lineHeight
		p.text(margin, p.y, `fill="#334155"`, fmt.Sprintf("%d more at the same time are left out", t.Omitted))
	}
	p.y += 2 * margin
}

// words are what an operation was, and when.
func (o *Operation) words(number int, unit string) string {
	text := fmt.Sprintf("%d = process %d: %s (%s %d", number, o.Process, o.Text, unit, o.From)
	switch {
	case o.To < 0:
		text += ", outcome unknown"
	case o.Failed:
		text += fmt.Sprintf(" to %d, failed", o.To)
	default:
		text += fmt.Sprintf(" to %d", o.To)
	}
	if text += ")"; o.Shows {
		text += ": shows it"
	}
	return text
}
