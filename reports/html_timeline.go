package reports

import (
	"math"
	"time"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/reports/html"
)

// timelinesHTML are the row's throughput, latencies and conflicts over time, with what was broken and when nobody worked.
func timelinesHTML(row *Row) []html.Timeline {
	rep := row.Report
	if len(rep.Timeline) < 2 || rep.End <= 0 {
		return nil
	}
	shades, hint := shadesHTML(rep)
	draw := func(title string, unit func(float64) string, curves ...html.Curve) html.Timeline {
		t := html.Timeline{Title: title + hint, Seconds: float64(rep.End) / 1e9, Unit: unit, Curves: curves, Shades: shades}
		for i := range rep.Timeline {
			p := &rep.Timeline[i]
			t.Parts = append(t.Parts, html.Part{From: float64(p.From) / 1e9, To: float64(p.To) / 1e9})
		}
		return t
	}
	curve := func(name string, of func(*engine.Point) float64) html.Curve {
		c := html.Curve{Name: name}
		for i := range rep.Timeline {
			c.Points = append(c.Points, of(&rep.Timeline[i]))
		}
		return c
	}
	within := func(of func(*engine.Point) time.Duration) func(*engine.Point) float64 {
		return func(p *engine.Point) float64 {
			if p.OK == 0 {
				return math.NaN()
			}
			return float64(of(p))
		}
	}
	all := []html.Timeline{
		draw("Ok operations a second over time", rate, curve("ok", (*engine.Point).Rate)),
		draw("Latency of ok operations over time", func(ns float64) string { return latency(time.Duration(ns)) },
			curve("half within", within(func(p *engine.Point) time.Duration { return p.P50 })),
			curve("99 % within", within(func(p *engine.Point) time.Duration { return p.P99 }))),
	}
	if rep.Accounting.AllConflicts() > 0 {
		all = append(all, draw("Conflicts a second over time", rate, curve("conflicts", func(p *engine.Point) float64 {
			return float64(p.Conflicts) / max(p.Worked, 1).Seconds()
		})))
	}
	return all
}

// shadesHTML are the times in which something was broken or nobody worked, and what the colors mean.
func shadesHTML(rep *engine.Report) (shades []html.Shade, hint string) {
	if len(rep.Faults) > 0 {
		hint = "; shaded red: " + faultsText(rep.Faults)
	}
	last, paused := int64(0), false
	for _, round := range rep.Rounds {
		if (round.From-last)*60 > rep.End/4 {
			paused = true
			shades = append(shades, html.Shade{From: float64(last) / 1e9, To: float64(round.From) / 1e9, Name: "no client worked"})
		}
		if round.WarmUp {
			shades = append(shades, html.Shade{From: float64(round.From) / 1e9, To: float64(round.To) / 1e9, Name: "warm-up"})
		}
		last = round.To
	}
	for _, f := range rep.Faults {
		shades = append(shades, html.Shade{From: float64(f.From) / 1e9, To: float64(f.To) / 1e9, Name: f.What, Fault: true})
	}
	if paused {
		hint += "; grey: lastseat judged, no client worked"
	}
	return shades, hint
}
