package engine

import (
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Point is what a row did in a part of its time. Times are nanoseconds since the row began, on the clock of faults.
type Point struct {
	From, To  int64
	Worked    time.Duration // clients ran for so much of it; between rounds they do not
	WarmUp    bool
	OK        int64
	Rejected  int64
	Failed    int64
	Unknown   int64
	Conflicts int64         // attempts that a conflict ended
	P50, P99  time.Duration // of ok operations, from when they were due, to an eighth; 0: there were none
}

// Rate is ok operations a second.
func (p *Point) Rate() float64 {
	if p.Worked <= 0 {
		return 0
	}
	return float64(p.OK) / p.Worked.Seconds()
}

const (
	mostPoints      = 120                    // a row has at most so many points: with more, two become one
	finestPoint     = 25 * time.Millisecond  // what a point covers at first, of up to readCheap clients
	finestElsewhere = 500 * time.Millisecond // where clients are read by what other processes say
	readCheap       = 256                    // clients that are read in some 30 µs
)

// timeline is the points of a row under way. The goroutine that samples a round owns it until the round is over.
type timeline struct {
	width  time.Duration // that a point covers
	points []moment
	last   *Reading // where the point under way began
	from   int64
}

// moment is a point whose histogram is still there.
type moment struct {
	from, to int64
	warmUp   bool
	did      Reading
}

// begin starts a round.
func (t *timeline) begin(now int64, at *Reading) { t.last, t.from = at, now }

// due reports whether the point under way is long enough.
func (t *timeline) due(now int64) bool { return now-t.from >= int64(t.width) }

// add ends the point under way.
func (t *timeline) add(now int64, at *Reading, warmUp bool) {
	m := moment{from: t.from, to: now, warmUp: warmUp, did: at.since(t.last)}
	m.did.At = time.Duration(now - t.from)
	t.last, t.from = at, now
	if n := len(t.points); n > 0 && now-m.from < int64(t.width)/2 && t.points[n-1].to == m.from && t.points[n-1].warmUp == warmUp {
		t.points[n-1].to = now // the end of a round
		t.points[n-1].did.Merge(&m.did)
		return
	}
	if t.points = append(t.points, m); len(t.points) <= mostPoints {
		return
	}
	t.width *= 2
	kept := t.points[:0]
	for i := range t.points {
		p := &t.points[i]
		if n := len(kept); n > 0 && kept[n-1].warmUp == p.warmUp && p.to-kept[n-1].from <= int64(t.width)+int64(t.width)/4 {
			kept[n-1].to = p.to
			kept[n-1].did.Merge(&p.did)
			continue
		}
		kept = append(kept, *p)
	}
	t.points = kept
}

// sum is the points as they are reported.
func (t *timeline) sum() []Point {
	var all []Point
	for i := range t.points {
		m := &t.points[i]
		all = append(all, Point{
			From: m.from, To: m.to, Worked: m.did.At, WarmUp: m.warmUp, OK: m.did.OK.Count(), Rejected: m.did.Others[harness.Rejected],
			Failed: m.did.Others[harness.Failed], Unknown: m.did.Others[harness.Unknown], Conflicts: m.did.Conflicts,
			P50: m.did.OK.Quantile(0.5), P99: m.did.OK.Quantile(0.99),
		})
	}
	return all
}

// lasted is when the last round was over, or the last fault was mended.
func (r *run) lasted() (last int64) {
	for _, f := range r.history.Faults {
		last = max(last, f.To)
	}
	for _, c := range r.clocked {
		last = max(last, c.To)
	}
	return last
}
