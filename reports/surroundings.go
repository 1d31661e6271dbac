package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// surroundings tells of each row that has something around its store what broke meanwhile, and what was measured there.
func surroundings(p *page, r *Result) {
	for i := range r.Rows {
		row := &r.Rows[i]
		rep := row.Report
		if rep == nil || len(rep.Faults) == 0 && len(rep.Figures) == 0 {
			continue
		}
		p.blank()
		p.para("", "around "+nameOf(r, row))
		if len(rep.Faults) > 0 {
			p.para("  faults    ", faultsText(rep.Faults)+"; the row took "+span(rep.Elapsed))
			p.line(strings.TrimRight("  ok ops    "+spark(okParts(rep)), " "))
			p.line(strings.TrimRight("  broken    "+shade(rep), " "))
		}
		if t := &rep.Accounting; t.Ambiguous > 0 {
			p.para("  unknown   ", fmt.Sprintf("%s whose fate was unknown; %s of these operations stayed so",
				plural(int(t.Ambiguous), "attempt"), number(t.Outcomes[harness.Unknown])))
		}
		var measured []string
		for _, f := range rep.Figures {
			measured = append(measured, fmt.Sprintf("%s %s (%s)", f.Name, digits(f.Value, 3), f.Unit))
		}
		if len(measured) > 0 {
			p.para("  measured  ", strings.Join(measured, " · "))
		}
	}
}

// faultsText is "server killed, 4 times, 2.90 s in all".
func faultsText(faults []harness.Fault) string {
	var kinds []string
	times, total := map[string]int{}, map[string]int64{}
	for _, f := range faults {
		if !slices.Contains(kinds, f.What) {
			kinds = append(kinds, f.What)
		}
		times[f.What]++
		total[f.What] += f.To - f.From
	}
	var parts []string
	for _, k := range kinds {
		parts = append(parts, fmt.Sprintf("%s, %s, %.2f s in all", k, plural(times[k], "time"), float64(total[k])/1e9))
	}
	return strings.Join(parts, "; ")
}

// timeParts is how many bars a row's time is drawn by.
const timeParts = 60

// okParts are the ok operations in each of timeParts equal parts of the row's time; nil where none were seen.
func okParts(rep *engine.Report) []int64 {
	if len(rep.Timeline) == 0 || rep.End <= 0 {
		return nil
	}
	parts := make([]float64, timeParts)
	each := float64(rep.End) / timeParts
	for i := range rep.Timeline {
		p := &rep.Timeline[i]
		from, to := float64(p.From), float64(max(p.To, p.From+1))
		for at := int(from / each); at < timeParts && float64(at)*each < to; at++ {
			inside := min(to, float64(at+1)*each) - max(from, float64(at)*each)
			parts[at] += float64(p.OK) * inside / (to - from)
		}
	}
	counts := make([]int64, timeParts)
	for i, v := range parts {
		counts[i] = int64(math.Ceil(v - 1e-6))
	}
	return counts
}

const sparks = "▁▂▃▄▅▆▇█"

// spark draws counts as bars, a blank where there is nothing.
func spark(counts []int64) string {
	var b strings.Builder
	bars := []rune(sparks)
	most := max(slices.Max(append([]int64{0}, counts...)), 1)
	for _, n := range counts {
		if n == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(bars[(n*int64(len(bars))-1)/most])
	}
	return b.String()
}

// shade marks the parts of the timeline in which something was broken.
func shade(rep *engine.Report) string {
	if len(rep.Timeline) == 0 {
		return ""
	}
	const parts = timeParts
	marks := slices.Repeat([]rune{' '}, parts)
	for _, f := range rep.Faults {
		for at := part(f.From, rep.End, parts); at <= part(f.To, rep.End, parts); at++ {
			marks[at] = '░'
		}
	}
	return string(marks)
}

func part(at, end int64, parts int) int { return int(min(at*int64(parts)/max(end, 1), int64(parts)-1)) }
