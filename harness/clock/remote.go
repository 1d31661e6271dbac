package clock

import (
	"math"
	"math/bits"
	"sort"

	"github.com/lastseat/lastseat/harness"
)

// DriftPPM is how much faster or slower than this clock another one is taken to run at most, in millionths: twice what quartz clocks are
// sold with.
const DriftPPM = 200

// Remote is the clock of another process, as it is known here. All times are nanoseconds, by monotonic clocks: here since any moment of this
// process, remote since any moment of that one. It is for one goroutine at a time.
type Remote struct {
	ppm    int64
	probes []probe
	fixed  bool // the map is that of the probes until now, whatever comes: nothing can be compared any more
	mapped bool // Map was called
	first  int64
	last   int64 // the earliest and the latest time that Map was called with
	next   int   // probe that followed the last time that was mapped
}

// probe is what a round trip and those before it say: at the remote time, what must be added is in bounds.
type probe struct {
	remote int64
	local  int64 // to which Map moves it
	own    span  // by this round trip alone
	before span  // by this and all before it
}

// span is from a smallest to a largest offset: what must be added to a remote time.
type span struct{ low, high int64 }

// wider is the span after a time, in which the clocks may have drifted apart.
func (s span) wider(by int64) span { return span{s.low - by, s.high + by} }

func (s span) intersect(o span) span { return span{max(s.low, o.low), min(s.high, o.high)} }

func (s span) middle() int64 { return s.low + (s.high-s.low)/2 }

// New is a clock of which nothing is known yet. ppm is how much faster or slower it may run, in millionths: DriftPPM.
func New(ppm int64) *Remote { return &Remote{ppm: ppm} }

// drift is by how much the clocks may drift apart in a time.
func (c *Remote) drift(time int64) int64 { return mulDiv(time, c.ppm, 1_000_000) + 1 }

// Add notes a round trip: asked at sent, the other process read remote, answered by received. They come in the order in which they were made, one
// after the other. The more there are, the better, 20 a second say; and several before the first record and after the last one, which
// rest on these alone. What contradicts earlier ones shows that a clock jumped: then nothing is comparable any more.
func (c *Remote) Add(sent, remote, received int64) {
	if c.fixed {
		return
	}
	p := probe{remote: remote, own: span{sent - remote, received - remote}}
	p.before = p.own
	if len(c.probes) == 0 {
		p.local = remote + p.own.middle()
		c.fixed = sent > received
		c.probes = append(c.probes, p)
		return
	}
	last := &c.probes[len(c.probes)-1]
	passed := remote - last.remote
	p.before = p.own.intersect(last.before.wider(c.drift(max(passed, 0))))
	switch {
	case passed < 0 || sent > received || p.before.low > p.before.high:
		c.fixed = true
	case passed == 0:
		last.own, last.before = last.own.intersect(p.own), p.before
		c.fixed = last.own.low > last.own.high
	default:
		// The remote clock's own order stays, whatever is estimated: its times never run at less than half their speed here.
		p.local = max(remote+p.before.middle(), last.local+passed/2)
		c.probes = append(c.probes, p)
	}
}

// Map is the time here that is the best estimate for a remote one. Later probes do not change it. Later times are never mapped before earlier
// ones, though two may be mapped to the same. Call it for a record once a probe was added that was made after the record: else this
// clock's times are not comparable.
func (c *Remote) Map(remote int64) int64 {
	if !c.mapped {
		c.mapped, c.first, c.last = true, remote, remote
	}
	c.first, c.last = min(c.first, remote), max(c.last, remote)
	if len(c.probes) == 0 {
		c.fixed = true
		return remote
	}
	next := c.next // most times come in order
	if next == 0 || next >= len(c.probes) || c.probes[next-1].remote >= remote || c.probes[next].remote < remote {
		next = sort.Search(len(c.probes), func(i int) bool { return c.probes[i].remote >= remote })
		c.next = next
	}
	switch {
	case next == len(c.probes):
		c.fixed = true
		last := &c.probes[next-1]
		return last.local + (remote - last.remote)
	case next == 0:
		first := &c.probes[0]
		return first.local - (first.remote - remote)
	}
	a, b := &c.probes[next-1], &c.probes[next]
	return a.local + mulDiv(remote-a.remote, b.local-a.local, b.remote-a.remote)
}

// Slack is how far any of the times that Map returned until now may be from what they were here, in nanoseconds, either way;
// harness.Incomparable if that is not known: a clock jumped, or a time is not between two probes.
func (c *Remote) Slack() int64 {
	switch {
	case c.fixed:
		return harness.Incomparable
	case !c.mapped:
		return 0
	case len(c.probes) == 0 || c.first < c.probes[0].remote || c.last > c.probes[len(c.probes)-1].remote:
		return harness.Incomparable
	}
	slack := int64(0)
	after := c.probes[len(c.probes)-1].own // by this probe and all behind it
	for i := len(c.probes) - 1; i >= 0; i-- {
		b := &c.probes[i]
		if i < len(c.probes)-1 {
			after = b.own.intersect(after.wider(c.drift(c.probes[i+1].remote - b.remote)))
		}
		if after.low > after.high {
			return harness.Incomparable
		}
		if b.remote >= c.first && b.remote <= c.last {
			slack = max(slack, b.off(b.before), b.off(after))
		}
		if i == 0 || c.last <= c.probes[i-1].remote || c.first >= b.remote {
			continue
		}
		// Between two probes the bounds are those of either side, wider the farther, and the map is a straight line: the most is at an end.
		a := &c.probes[i-1]
		drift := c.drift(b.remote - a.remote)
		slack = max(slack, a.off(a.before), a.off(after.wider(drift)), b.off(a.before.wider(drift)), b.off(after))
	}
	return slack + 1 // Map rounds down
}

// off is how far from the truth the map of a probe's moment is at most, if what must be added is in s.
func (p *probe) off(s span) int64 {
	offset := p.local - p.remote
	return max(s.high-offset, offset-s.low)
}

// mulDiv is a*b/c for numbers from 0 on, rounded down; c is not 0, and what is out of range is the largest number.
func mulDiv(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high >= uint64(c) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(high, low, uint64(c))
	return int64(min(q, math.MaxInt64))
}
