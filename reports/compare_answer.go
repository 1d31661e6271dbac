package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/reports/html"
)

// compareAnswer is what came out, in a sentence.
func compareAnswer(r *compare.Result) (string, html.Tone) {
	var parts []string
	tone := html.Good
	say := func(c compare.Change, what string, t html.Tone) {
		var names []string
		for i := range r.Rows {
			if r.Rows[i].Change == c {
				names = append(names, r.Rows[i].Name)
			}
		}
		if len(names) > 0 {
			parts = append(parts, fmt.Sprintf(what, len(names))+": "+some(names))
			if tone == html.Good {
				tone = t
			}
		}
	}
	say(compare.Violation, "%d new violation", html.Alarm)
	say(compare.Worse, "%d not decided any more", html.Open)
	same := tone == html.Good
	if failed := failedThresholds(r.Thresholds); failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s failed", failed, plural(len(r.Thresholds), "threshold")))
		tone = html.Alarm
	}
	var worse, better []string
	for i := range r.Rows {
		if text, bad := rowMoved(&r.Rows[i]); r.Rows[i].Change == compare.Violation {
			continue // that says it
		} else if text != "" && bad {
			worse = append(worse, text)
		} else if text != "" {
			better = append(better, text)
		}
	}
	if len(worse) > 0 {
		parts = append(parts, "worse: "+some(worse))
		if tone == html.Good {
			tone = html.Bad
		}
	}
	if same {
		parts = append(parts, "no verdict got worse")
	}
	if len(better) > 0 {
		parts = append(parts, "better: "+some(better))
	}
	say(compare.Better, "%d better", html.Good)
	if figureCount(r) > 0 && len(worse)+len(better) == 0 {
		switch n := r.Samples(); {
		case known(r):
			parts = append(parts, "no figure differs")
		case n > 0:
			parts = append(parts, "whether figures differ cannot be known ("+plural(n, "sample")+" a side)")
		default:
			parts = append(parts, "whether figures differ cannot be known (too few rounds)")
		}
	}
	if still := stillBreaking(r); len(still) > 0 {
		parts = append(parts, fmt.Sprintf("%d unsafe, as before: %s", len(still), some(still)))
		if tone == html.Good {
			tone = html.Bad
		}
	}
	return strings.Join(parts, "; "), tone
}

// stillBreaking are the rows that nobody expects to break, and that do so on both sides.
func stillBreaking(r *compare.Result) (names []string) {
	for i := range r.Rows {
		if row := &r.Rows[i]; row.OldSurprise && row.NewSurprise {
			names = append(names, row.Name)
		}
	}
	return names
}

// figureCount is how many figures there are.
func figureCount(r *compare.Result) (n int) {
	for i := range r.Rows {
		n += len(r.Rows[i].Figures)
	}
	return n
}

// rowMoved is the row's figure that says most of those that differ, throughput before others: "NAME (ops/s -45 %)".
func rowMoved(row *compare.Row) (text string, worse bool) {
	for i := range row.Figures {
		f := &row.Figures[i]
		if f.Differs && (text == "" || f.Worse && !worse) {
			text, worse = fmt.Sprintf("%s (%s %s)", row.Name, f.Metric, changeText(f)), f.Worse
		}
	}
	return text, worse
}

// known reports whether there are samples enough to tell of some figure whether it differs.
func known(r *compare.Result) bool {
	return slices.ContainsFunc(r.Rows, func(row compare.Row) bool {
		return slices.ContainsFunc(row.Figures, func(f compare.Figure) bool { return f.Known })
	})
}

// hasShares reports whether there are shares that were counted.
func hasShares(r *compare.Result) bool {
	return slices.ContainsFunc(r.Rows, func(row compare.Row) bool {
		return slices.ContainsFunc(row.Figures, func(f compare.Figure) bool { return f.Counted })
	})
}

// sampled reports whether there are samples enough to tell of some figure whether it differs.
func sampled(r *compare.Result) bool {
	return slices.ContainsFunc(r.Rows, func(row compare.Row) bool {
		return slices.ContainsFunc(row.Figures, func(f compare.Figure) bool { return f.Known && !f.Counted })
	})
}
