package engine

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// missing takes back a verdict that rests on a history of which a lost worker's last operations are not a part: an operation that nobody
// knows of can explain what looks like a violation, and can be one. What an earlier round showed, when all was there, stands: the row
// ended with it. No checkpoint takes in such a history, for the same reason.
func (r *run) missing(j *Judgement) {
	t := r.clients.Tally()
	if t.Unseen() == 0 {
		return
	}
	var lost []string
	for i := range t.Workers {
		if w := &t.Workers[i]; w.Unseen > 0 {
			lost = append(lost, fmt.Sprintf("worker %s %s: what its %d clients did last is not known", w.Name, w.Lost, w.Unseen))
		}
	}
	*j = Judgement{Verdict: harness.Inconclusive, Reason: strings.Join(lost, "; "), Advice: "run it again"}
}
