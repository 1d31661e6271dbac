package reports

import (
	"strings"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
)

// WhyCase says why a burst has its verdict, without the verdict.
func WhyCase(c *rounds.Case) string { return withoutVerdict(roundsVerdict(c)) }

// WhyStep says why a sustained load has its verdict.
func WhyStep(s *rounds.Step) string { return withoutVerdict(stepVerdict(s)) }

// WhyPair says why operations at the same time have their verdict, and of those that break what mends them.
func WhyPair(p *program.Pair) string {
	why := withoutVerdict(verdictOf(p))
	e := p.Shortest
	if e == nil {
		return why
	}
	if e.Anomaly != "" {
		why += ": " + e.Anomaly
	}
	if len(e.Broken) > 0 {
		why += "; broken: " + strings.Join(e.Broken, "; ")
	}
	if len(e.Mends) > 0 {
		why += ". What mends it: " + mendsText(e.Mends)
	}
	return why
}

// WhyFaulted says why operations that faults struck have their verdict.
func WhyFaulted(f *program.Faulted) string { return withoutVerdict(faultedVerdict(f)) }

// mendsText are ways to mend something, of which each suffices.
func mendsText(ways []string) string {
	var all []string
	for _, way := range ways {
		all = append(all, strings.TrimPrefix(way, "or "))
	}
	return strings.Join(all, "; or ")
}

func withoutVerdict(text string) string {
	for _, word := range []string{"UNSAFE: ", "safe: ", "not decided: "} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			return rest
		}
	}
	return text
}
