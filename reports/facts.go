package reports

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/stats"
)

// alike is how far apart two goodputs may be and count as equal where nobody repeated them: what one run differs from the next
// on a busy machine. Repeated rows are tested instead.
const alike = 0.10

// facts are what the chart shows, in words: where rows begin to break, and where one becomes faster than another.
func (c *chart) facts() []string {
	var facts []string
	for _, k := range c.curves {
		if fact := c.breaks(k); fact != "" {
			facts = append(facts, fact)
		}
	}
	few := false
	for i, a := range c.curves {
		for _, b := range c.curves[i+1:] {
			if fact := c.crossing(a, b); fact != "" {
				facts = append(facts, fact)
				few = few || len(a.steps[0].Runs) < enough
			}
		}
	}
	if few {
		facts = append(facts, "who is faster rests on few runs: differences under 10 % are not counted, and --runs 6 shows more")
	}
	return append(facts, c.knees()...)
}

// breaks says at which step a row first breaks, and at which it stays silent.
func (c *chart) breaks(k *curve) string {
	name := rowName(k.label, false)
	var silent, broken []float64
	for _, row := range k.steps {
		if row.Report.Violations() > 0 {
			broken = append(broken, c.at(row))
		} else {
			silent = append(silent, c.at(row))
		}
	}
	switch {
	case len(broken) == 0 && k.steps[0].Expected != nil && !k.steps[0].Expected.Safe:
		return name + ": expected unsafe, and silent at every step"
	case len(broken) == 0:
		return ""
	case len(silent) == 0:
		return name + ": breaks at every step"
	case silent[len(silent)-1] < broken[0]:
		return fmt.Sprintf("%s: silent at %s, first violation at %s", name, c.list(silent), stepNumber(broken[0]))
	}
	return fmt.Sprintf("%s: breaks at %s, silent at %s", name, c.list(broken), c.list(silent))
}

// list is "1 client", "1 and 2 clients", "1 to 8 clients" of steps that follow each other, or all of them with commas.
func (c *chart) list(values []float64) string {
	unit := c.axis.name
	if len(values) == 1 {
		return c.axis.text(values[0])
	}
	first, last := values[0], values[len(values)-1]
	between := 0
	for _, v := range c.values {
		if v >= first && v <= last {
			between++
		}
	}
	switch {
	case len(values) == 2:
		return fmt.Sprintf("%s and %s %s", stepNumber(first), stepNumber(last), unit)
	case between == len(values):
		return fmt.Sprintf("%s to %s %s", stepNumber(first), stepNumber(last), unit)
	}
	s := ""
	for i, v := range values {
		if i > 0 {
			s += ", "
		}
		s += stepNumber(v)
	}
	return s + " " + unit
}

// crossing says up to where one of two safe rows is faster, and from where the other is; nothing where one is never faster, or
// where it goes to and fro.
func (c *chart) crossing(a, b *curve) string {
	turns, lead := 0, 0 // lead: 1 while a is faster, -1 while b is
	var until, from float64
	first := 0
	for _, v := range c.values {
		x, y := a.step(c, v), b.step(c, v)
		if x == nil || y == nil || x.Report.Violations() > 0 || y.Report.Violations() > 0 || x.PromisedUnsafe() || y.PromisedUnsafe() {
			return ""
		}
		faster := compared(x, y)
		switch {
		case faster == 0:
			continue
		case lead == 0:
			first = faster
		case faster != lead:
			turns++
			from = v
		}
		if turns == 0 {
			until = v
		}
		lead = faster
	}
	if turns != 1 {
		return ""
	}
	if first < 0 {
		a, b = b, a
	}
	upTo := "up to"
	if until == c.values[0] {
		upTo = "at"
	}
	return fmt.Sprintf("%s is faster than %s %s %s, %s from %s on",
		rowName(a.label, false), rowName(b.label, false), upTo, c.axis.text(until), rowName(b.label, false), stepNumber(from))
}

// enough is how many repeats the U test needs to tell two rows apart.
const enough = 4

// compared is 1 where a is faster than b beyond noise, as far as that is known, -1 where b is, and 0 where neither is.
func compared(a, b *Row) int {
	x, y := a.Goodput().Median, b.Goodput().Median
	if len(a.Runs) > 1 && len(b.Runs) > 1 {
		if !stats.Compare(a.Goodputs(), b.Goodputs()).Differ {
			return 0
		}
	} else if max(x, y) <= (1+alike)*min(x, y) {
		return 0
	}
	if x > y {
		return 1
	}
	return -1
}
