package reports

import (
	"time"

	"github.com/lastseat/lastseat/harness/engine"
)

// jsonTimeline is what a row did over its time: lists with a number for each part of it.
type jsonTimeline struct {
	Seconds   float64     `json:"seconds"`
	From      []float64   `json:"from_seconds"`
	To        []float64   `json:"to_seconds"`
	Worked    []float64   `json:"worked_seconds"`
	OK        []int64     `json:"ok"`
	Rejected  []int64     `json:"rejected"`
	Failed    []int64     `json:"failed"`
	Unknown   []int64     `json:"unknown"`
	Conflicts []int64     `json:"conflicts"`
	P50       []float64   `json:"p50_ms"`
	P99       []float64   `json:"p99_ms"`
	Rounds    []jsonRound `json:"rounds"`
}

type jsonRound struct {
	From   float64 `json:"from_seconds"`
	To     float64 `json:"to_seconds"`
	WarmUp bool    `json:"warm_up"`
}

// newJSONTimeline is nil where there is none.
func newJSONTimeline(rep *engine.Report) *jsonTimeline {
	if len(rep.Timeline) == 0 {
		return nil
	}
	j := &jsonTimeline{Seconds: seconds(time.Duration(rep.End)), Rounds: []jsonRound{}}
	for i := range rep.Timeline {
		p := &rep.Timeline[i]
		j.From, j.To = append(j.From, seconds(time.Duration(p.From))), append(j.To, seconds(time.Duration(p.To)))
		j.Worked = append(j.Worked, seconds(p.Worked))
		j.OK, j.Rejected = append(j.OK, p.OK), append(j.Rejected, p.Rejected)
		j.Failed, j.Unknown = append(j.Failed, p.Failed), append(j.Unknown, p.Unknown)
		j.Conflicts = append(j.Conflicts, p.Conflicts)
		j.P50, j.P99 = append(j.P50, ms(p.P50)), append(j.P99, ms(p.P99))
	}
	for _, r := range rep.Rounds {
		j.Rounds = append(j.Rounds, jsonRound{seconds(time.Duration(r.From)), seconds(time.Duration(r.To)), r.WarmUp})
	}
	return j
}

func (j *jsonTimeline) to(rep *engine.Report) {
	if j == nil {
		return
	}
	rep.End = int64(durationOf(j.Seconds))
	for _, r := range j.Rounds {
		rep.Rounds = append(rep.Rounds, engine.Round{From: int64(durationOf(r.From)), To: int64(durationOf(r.To)), WarmUp: r.WarmUp})
	}
	for i := range j.points() {
		p := engine.Point{
			From: int64(durationOf(j.From[i])), To: int64(durationOf(j.To[i])), Worked: durationOf(j.Worked[i]), OK: j.OK[i], Rejected: j.Rejected[i],
			Failed: j.Failed[i], Unknown: j.Unknown[i], Conflicts: j.Conflicts[i], P50: durationOf(j.P50[i] / 1e3), P99: durationOf(j.P99[i] / 1e3),
		}
		for _, r := range rep.Rounds {
			p.WarmUp = p.WarmUp || r.WarmUp && p.From >= r.From && p.To <= r.To
		}
		rep.Timeline = append(rep.Timeline, p)
	}
}

// points is how many parts all lists have: a file may have been written by somebody else.
func (j *jsonTimeline) points() int {
	return min(len(j.From), len(j.To), len(j.Worked), len(j.OK), len(j.Rejected), len(j.Failed), len(j.Unknown), len(j.Conflicts), len(j.P50), len(j.P99))
}
