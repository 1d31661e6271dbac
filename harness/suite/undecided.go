package suite

import (
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Rows that were not decided get so many times as long as they took, and at least this long.
const (
	moreTime  = 4
	leastTime = 10 * time.Second
)

// Undecided are the rows that time decides, how long they should run together, each with so many numbers of clients, and whether some
// are promised to break, which thinking time helps with.
func (r *Result) Undecided(clients int) (rows []*Row, budget time.Duration, unsafe bool) {
	budget = leastTime // some time is the control's
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Judged() || row.Report == nil || row.Err != nil || row.Verdict() != harness.Inconclusive || row.Judgement().Advice == "" {
			continue
		}
		rows = append(rows, row)
		budget += max(moreTime*row.Report.Elapsed, leastTime) * time.Duration(clients)
		unsafe = unsafe || row.PromisedUnsafe()
	}
	return rows, budget, unsafe
}
