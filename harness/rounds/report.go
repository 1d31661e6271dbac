package rounds

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/threshold"
)

// Report is what came of a program under load, at one level: of rounds or of a sustained load.
type Report struct {
	File string `json:"file"`
	App  string `json:"app"`
	// Programless: App is no program, but SQL, or commands.
	Programless bool `json:"programless,omitempty"`
	// Unwired: a trial is a round in which two requests overlapped, since their transactions are not seen.
	Unwired   bool          `json:"unwired,omitempty"`
	Server    string        `json:"server"`
	Engine    string        `json:"engine"`
	Throwaway bool          `json:"throwaway"`
	Level     harness.Level `json:"isolation"`
	Asked     bool          `json:"isolation_asked,omitempty"`
	Clients   int           `json:"clients"`
	Instances int           `json:"instances"`                  // copies of the program
	Only      []string      `json:"only,omitempty"`             // operations that were asked for; none: all
	Duration  float64       `json:"duration_seconds,omitempty"` // of each sustained load, as it was asked for; 0: rounds
	Rate      float64       `json:"rate,omitempty"`             // operations a second that were due; 0: closed loop
	Uniform   bool          `json:"uniform_arrivals,omitempty"` // else they come by Poisson
	Mix       string        `json:"mix,omitempty"`              // a sustained load's operations, each with its weight
	Seed      uint64        `json:"seed"`
	// Faults are each in rounds, or with steps, of its own; empty: none.
	Faults  []program.FaultKind `json:"faults,omitempty"`
	Control *Control            `json:"control,omitempty"`
	Cases   []Case              `json:"cases,omitempty"`
	Steps   []Step              `json:"steps,omitempty"`
	Seconds float64             `json:"seconds"`
	Rights  string              `json:"-"`
	// Thresholds are what came of --fail-if, over all levels: the last report has them.
	Thresholds []threshold.Outcome `json:"thresholds,omitempty"`
}

// Case is a burst of operations, and what came of its rounds.
type Case struct {
	Operations []string          `json:"operations"`       // by client
	Fault      program.FaultKind `json:"fault,omitempty"`  // that strikes once in each round; empty: none
	Struck     int               `json:"struck,omitempty"` // rounds in which it struck an operation under way
	Verdict    harness.Verdict   `json:"verdict"`
	Why        string            `json:"why,omitempty"`      // of an inconclusive verdict
	Alike      bool              `json:"alike"`              // one serial order stood for all
	ByRules    bool              `json:"by_rules,omitempty"` // only the user's rules were asked
	Rounds     int               `json:"rounds"`
	Trials     int               `json:"trials"`                      // rounds in which transactions that touched the same table overlapped
	Unstruck   int               `json:"breaking_unstruck,omitempty"` // of those that break: rounds in which no fault struck
	Breaking   int               `json:"breaking"`
	Bound      float64           `json:"bound,omitempty"` // the share of trials that may break yet, at 95 %
	LostSales  int               `json:"lost_sales"`
	Errors     int               `json:"errors"`
	StaleReads int               `json:"stale_reads"`
	Volatile   []string          `json:"volatile,omitempty"`
	Notes      []string          `json:"notes,omitempty"`
	Example    *Example          `json:"example,omitempty"` // of the kind that the verdict is about
	Seconds    float64           `json:"seconds"`
}

// Example is a round that broke.
type Example struct {
	Round   int                  `json:"round"`            // from 1
	Struck  string               `json:"struck,omitempty"` // at which statement the fault struck
	Answers []Told               `json:"answers"`
	Tables  []program.Difference `json:"tables"`
	Broken  []string             `json:"broken,omitempty"` // rules
	Serial  Expected             `json:"serial"`
	Columns []string             `json:"columns,omitempty"` // of which any one, ignored, would make it fit
}

// Expected is what a serial order of the same clients gives.
type Expected struct {
	Answers []Told               `json:"answers"`
	Tables  []program.Difference `json:"tables"`
}

// Told is an answer, and how many clients were told so.
type Told struct {
	Clients int    `json:"clients"`
	Outcome string `json:"outcome"`
	Answer  string `json:"answer"` // of the first of them
}

// Control is what came of lastseat's own naive buy on the same server, with as many clients.
type Control struct {
	Rounds int `json:"rounds"`
	Broke  int `json:"broke"`
}

// Step is what came of a sustained load with a number of clients.
type Step struct {
	Clients      int                `json:"clients"`
	Seconds      float64            `json:"seconds"`
	Rate         float64            `json:"rate,omitempty"`   // operations a second that were due; 0: closed loop
	Fault        program.FaultKind  `json:"fault,omitempty"`  // that strikes again and again; empty: none
	Struck       int64              `json:"struck,omitempty"` // how often it struck
	Operations   []OperationCounts  `json:"operations"`
	PerSecond    float64            `json:"ops_per_second"` // that were answered
	Latency      map[string]float64 `json:"latency_ms"`     // p50, p95, p99, max; from when they were due
	Statements   float64            `json:"statements_per_op"`
	Transactions float64            `json:"transactions_per_op"`
	Retries      float64            `json:"retries_per_op"` // transactions beyond what an operation takes alone
	RolledBack   int64              `json:"rolled_back"`
	Conflicts    map[string]int64   `json:"conflicts,omitempty"` // that the server told of, by kind
	ServerErrors int64              `json:"server_errors"`       // all others
	InDatabase   float64            `json:"database_ms_per_op"`
	InProgram    float64            `json:"program_ms_per_op"`
	Late         int64              `json:"late,omitempty"` // operations that were due, and for which no client was free in time
	Broken       []string           `json:"broken,omitempty"`
	Judged       bool               `json:"judged"` // there are rules, and the tables were looked at
	Verdict      harness.Verdict    `json:"verdict"`
	Why          string             `json:"why,omitempty"`
}

// OperationCounts are the answers to an operation.
type OperationCounts struct {
	Name     string `json:"name"`
	OK       int64  `json:"ok"`
	Rejected int64  `json:"rejected"`
	Failed   int64  `json:"failed"` // certainly
	Unknown  int64  `json:"unknown"`
	Example  string `json:"error,omitempty"` // an answer that is neither ok nor a refusal
}

// Verdict is unsafe if any part is, inconclusive if any part is and none is unsafe; with no part it is inconclusive.
func (r *Report) Verdict() harness.Verdict {
	var all []harness.Verdict
	for i := range r.Cases {
		all = append(all, r.Cases[i].Verdict)
	}
	for i := range r.Steps {
		all = append(all, r.Steps[i].Verdict)
	}
	return worst(all)
}

// Worst is the verdict of several reports together.
func Worst(reports []Report) harness.Verdict {
	var all []harness.Verdict
	for i := range reports {
		all = append(all, reports[i].Verdict())
	}
	return worst(all)
}

// Thresholds are what came of --fail-if.
func Thresholds(all []Report) []threshold.Outcome {
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1].Thresholds
}

// Faulted reports whether there are faults.
func (r *Report) Faulted() bool {
	return slices.ContainsFunc(r.Faults, func(f program.FaultKind) bool { return f != "" })
}

func worst(all []harness.Verdict) harness.Verdict {
	v := harness.Safe
	if len(all) == 0 {
		return harness.Inconclusive
	}
	for _, one := range all {
		if one == harness.Unsafe || one == harness.Inconclusive && v == harness.Safe {
			v = one
		}
	}
	return v
}

// Name is a case's operations, for people: buy × 8, or buy × 3 with refund; and its fault.
func (c *Case) Name() string { return nameOf(c.Operations) + under(c.Fault) }

// Name is how many clients a load has, and its fault.
func (s *Step) Name() string {
	if s.Clients == 1 {
		return "1 client" + under(s.Fault)
	}
	return fmt.Sprintf("%d clients", s.Clients) + under(s.Fault)
}

func under(f program.FaultKind) string {
	if f == "" {
		return ""
	}
	return " under " + string(f)
}
