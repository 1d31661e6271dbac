package reports

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/engine"
)

// onWorkers puts a result's first row that ran on three workers, of which one was saturated and one was lost.
func onWorkers(r *Result) {
	for i := range r.Rows {
		if rep := r.Rows[i].Report; rep != nil {
			rep.Workers = []engine.Worker{
				{Name: "w1", Host: "a", Clients: 3, Processed: 10, CPU: 0.2, Slack: 40 * time.Microsecond},
				{Name: "w2", Host: "b", Clients: 3, Processed: 9, CPU: 0.97, Slack: 50 * time.Microsecond, Saturated: "it used 97 % of its processors"},
				{Name: "w3", Host: "c", Clients: 2, Lost: "fell silent", Unseen: 2},
			}
			return
		}
	}
}

// TestWorkersAreNamed: the table says how many there were, and which of them its figures cannot be trusted for.
func TestWorkersAreNamed(t *testing.T) {
	r := sample()
	onWorkers(r)
	text := strings.Join(strings.Fields(written(t, r, func(w io.Writer, r *Result) error { return Explain(w, r, 200) })), " ")
	for _, says := range []string{"Clients were in 3 workers", "worker w2 on b was saturated: the figures of 1 row compare with nothing", "worker w3 on c fell silent"} {
		if !strings.Contains(text, says) {
			t.Errorf("it does not say %q", says)
		}
	}
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Saturated() && r.Base(row) != nil {
			t.Errorf("%s is compared with %s", row.Label, r.Base(row).Label)
		}
		if base := r.Base(&r.Rows[i]); base != nil && base.Saturated() {
			t.Errorf("%s is compared with a row of a saturated worker", r.Rows[i].Label)
		}
	}
}
