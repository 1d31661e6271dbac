package recheck

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
)

// Keys is what became of keys that were judged each by itself.
type Keys struct {
	Judged    int      `json:"judged"`
	Unsafe    []string `json:"unsafe"`    // those that show an anomaly that the model forbids, in the order of the file
	Undecided []string `json:"undecided"` // those that could not be decided
	Empty     int      `json:"empty"`     // so many could not show anything: nothing was acknowledged, or no two transactions have to do with each other
}

// keyed judges what happened under each key by itself, as jepsen.independent does: a model holds if it holds for each of them.
func (j *Result) keyed(ctx context.Context, keys []history.Keyed, opt *Options) error {
	j.Keys = &Keys{Judged: len(keys), Unsafe: []string{}, Undecided: []string{}}
	var not, alsoNot, undecided []string
	reasons := map[harness.Verdict]string{} // of the first key with it
	shown, first := map[string]int{}, true
	for _, k := range keys {
		r, err := anomaly.Judge(ctx, k.Transactions, opt.Model)
		if err != nil {
			return err
		}
		j.Model = r.Model
		switch {
		case r.Verdict == harness.Unsafe:
			j.Keys.Unsafe = append(j.Keys.Unsafe, k.Key)
		case r.Verdict == harness.Inconclusive && r.Empty():
			j.Keys.Empty++
			continue
		case r.Verdict == harness.Inconclusive:
			j.Keys.Undecided = append(j.Keys.Undecided, k.Key)
		}
		if r.Verdict != harness.Safe {
			reasons[r.Verdict] = cmp.Or(reasons[r.Verdict], fmt.Sprintf("key %s: %s", k.Key, r.Reason))
			j.Anomalies = append(j.Anomalies, r.Anomalies...)
		}
		not, alsoNot, undecided = append(not, r.Not...), append(alsoNot, r.AlsoNot...), append(undecided, r.Undecided...)
		if first {
			j.ConsistentWith, first = r.ConsistentWith, false
		} else {
			j.ConsistentWith = anomaly.ConsistentInBoth(j.ConsistentWith, r.ConsistentWith)
		}
		j.showKey(k.Key, r, shown)
	}
	j.Anomalies, j.Not, j.AlsoNot = distinct(j.Anomalies), without(not, alsoNot), distinct(alsoNot)
	j.Undecided = without(undecided, slices.Concat(not, alsoNot))
	j.sum(reasons)
	return nil
}

// mostOfKeys bounds how many keys show an anomaly with witnesses of their own.
const mostOfKeys = harness.MaxTexts

// showKey takes over a key's witnesses of what too few keys before it have shown.
func (j *Result) showKey(key string, r *anomaly.Result, shown map[string]int) {
	from := len(j.Witnesses)
	j.show(r)
	kept := slices.DeleteFunc(j.Witnesses[from:], func(w Witness) bool { return shown[w.Anomaly] >= mostOfKeys })
	j.Witnesses = j.Witnesses[:from+len(kept)]
	seen := map[string]bool{}
	for i := range kept {
		kept[i].Key = key
		if a := kept[i].Anomaly; !seen[a] {
			seen[a] = true
			shown[a]++
		}
	}
}

// sum is the verdict of all keys together.
func (j *Result) sum(reasons map[harness.Verdict]string) {
	k := j.Keys
	of := fmt.Sprintf("of %d keys, each judged by itself, ", k.Judged)
	sure := k.Judged - k.Empty - len(k.Unsafe) - len(k.Undecided)
	switch {
	case len(k.Unsafe) > 0:
		j.Verdict, j.Reason = harness.Unsafe, fmt.Sprintf("%s%s: %s", of, some(k.Unsafe, "unsafe"), reasons[harness.Unsafe])
	case len(k.Undecided) > 0:
		j.Verdict, j.Reason = harness.Inconclusive, fmt.Sprintf("%s%s: %s", of, some(k.Undecided, "undecided"), reasons[harness.Inconclusive])
	case sure == 0:
		j.Verdict, j.Reason = harness.Inconclusive, of+"none has two transactions that have anything to do with each other"
	default:
		j.Verdict, j.Reason = harness.Safe, fmt.Sprintf("nothing under %d keys, each judged by itself, contradicts %s", sure, j.Model)
		if k.Empty > 0 {
			j.Reason += fmt.Sprintf("; under %d more no two transactions have anything to do with each other", k.Empty)
		}
	}
}

// some names the first of keys: "2 are unsafe (3, 7)".
func some(keys []string, what string) string {
	const most = 5
	are := "are"
	if len(keys) == 1 {
		are = "is"
	}
	names := strings.Join(keys[:min(len(keys), most)], ", ")
	if len(keys) > most {
		names += ", …"
	}
	return fmt.Sprintf("%d %s %s (%s)", len(keys), are, what, names)
}

// distinct are the names, sorted, each once.
func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// without are the names, sorted, each once, but for others.
func without(names, others []string) []string {
	return slices.DeleteFunc(distinct(names), func(n string) bool { return slices.Contains(others, n) })
}

func holdsRegisters(k history.Keyed) bool { return k.Holds(history.Registers) }

// startEach takes over what registers hold at first under each key that has some.
func startEach(keys []history.Keyed, initial string) error {
	for _, k := range keys {
		if !holdsRegisters(k) {
			continue
		}
		if err := k.StartAt(initial); err != nil {
			return fmt.Errorf("key %s: %w", k.Key, err)
		}
	}
	return nil
}
