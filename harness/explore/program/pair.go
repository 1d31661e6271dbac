package program

import (
	"encoding/json"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
)

// NotStarved is what is not tried of a client that polls.
const NotStarved = explore.NotStarved

// Pair is what came of a few operations that run at the same time.
type Pair struct {
	Operations []string        `json:"operations"` // by client
	Verdict    harness.Verdict `json:"verdict"`
	Why        string          `json:"why,omitempty"` // of an inconclusive verdict
	Run        int             `json:"schedules"`
	Exhaustive bool            `json:"exhaustive"`       // there are no other orders of whole statements
	Polled     bool            `json:"polled,omitempty"` // a client that only asked again went on only when nobody else could
	Single     bool            `json:"single,omitempty"` // one schedule was played, because it was asked for
	Drawn      int             `json:"drawn,omitempty"`
	Unsteady   int             `json:"unsteady,omitempty"`
	Seed       uint64          `json:"seed"`
	Breaking   int             `json:"breaking"`
	LostSales  int             `json:"lost_sales"`
	Errors     int             `json:"errors"`
	StaleReads int             `json:"stale_reads"`
	SkipLocked int             `json:"skip_locked"`
	Parked     int             `json:"waits_inside"`
	OneStep    bool            `json:"one_statement,omitempty"` // each operation was one statement, whose inside was not tried
	Inside     int             `json:"stopped_inside"`          // times that a statement stopped between what it reads and what it writes
	Whole      []string        `json:"whole,omitempty"`         // of which statements the inside was not tried
	Volatile   []string        `json:"volatile,omitempty"`      // columns that differ between serial runs, and may
	Asks       harness.Level   `json:"asks_for,omitempty"`      // the level that the program asks for itself
	Notes      []string        `json:"notes,omitempty"`
	Seconds    float64         `json:"seconds"`
	Shortest   *Example        `json:"shortest,omitempty"`
	Saved      string          `json:"saved,omitempty"` // the file that holds it
	// Examples of what is counted and not called unsafe.
	Others []*Example `json:"others,omitempty"`
	// LockTimeouts are schedules in which a statement was let run into its lock time-out.
	LockTimeouts int `json:"lock_timeouts,omitempty"`
}

// Example is a schedule, played once more to be shown.
type Example struct {
	Kind        string   `json:"kind"` // violation, lost sale, error, stale read, skip locked
	Order       []int    `json:"order"`
	Preemptions int      `json:"preemptions"`
	Steps       []Step   `json:"steps"`
	Answers     []string `json:"answers"` // by client
	Broken      []string `json:"broken,omitempty"`
	// Tables that hold something other than at the start, here or after a serial order.
	Tables []Difference `json:"tables,omitempty"`
	Serial []Expected   `json:"serial"`
	// Columns of which any one, if it were ignored, would make the schedule fit.
	Columns []string `json:"columns,omitempty"`
	Anomaly string   `json:"anomaly,omitempty"`
	Meaning string   `json:"meaning,omitempty"`
	Mends   []string `json:"mends,omitempty"`
}

// Difference is a table, as it is after a schedule.
type Difference struct {
	Table   string     `json:"table"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// difference is a Difference in JSON, where NULL is null.
type difference struct {
	Table   string      `json:"table"`
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"`
}

// MarshalJSON writes NULL as null.
func (d Difference) MarshalJSON() ([]byte, error) {
	out := difference{d.Table, d.Columns, make([][]*string, len(d.Rows))}
	for i, r := range d.Rows {
		out.Rows[i] = make([]*string, len(r))
		for k := range r {
			if r[k] != Null {
				out.Rows[i][k] = &r[k]
			}
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Difference) UnmarshalJSON(text []byte) error {
	var in difference
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*d = Difference{in.Table, in.Columns, make([][]string, len(in.Rows))}
	for i, r := range in.Rows {
		d.Rows[i] = make([]string, len(r))
		for k := range r {
			if d.Rows[i][k] = Null; r[k] != nil {
				d.Rows[i][k] = *r[k]
			}
		}
	}
	return nil
}

// Null is NULL among the texts of a row, as databases of programs write it.
const Null = "\x00NULL"

// Expected is what a serial order gives.
type Expected struct {
	Order   []int        `json:"order"`
	Answers []string     `json:"answers"`
	Tables  []Difference `json:"tables"`
}

// outcome of a schedule, as it was judged.
type judged struct {
	verdict serial.Verdict
	outcome *serial.Outcome
	broken  []string // rules
	facts   Facts    // what the lane noticed
	skip    bool     // it asked not to wait for locks, and that is why it does not fit
}

// kind is what the schedule counts as.
func (j *judged) kind() string {
	switch {
	case len(j.broken) > 0:
		return "violation"
	case j.skip:
		return "skip locked"
	}
	return j.verdict.String()
}
