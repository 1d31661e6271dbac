package reports

import (
	"cmp"
	"io"
	"math"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
)

// JSON writes the result for programs. docs/json.md has every key.
func JSON(w io.Writer, r *Result) error {
	w = harness.VisibleWriter(w)
	doc := jsonResult{
		Kind: RunKind, Strict: r.Strict, Reference: r.Reference.String(), Decide: r.Decide, Thresholds: list(r.Thresholds),
		Version: cmp.Or(r.Version, suite.Version), Seed: r.Seed, Command: r.Command, Started: r.Started.UTC(), Elapsed: seconds(r.Elapsed),
		Interrupted: r.Interrupted, Load: r.Load, Warnings: list(warnings(r)), Servers: []jsonServer{}, Backends: []Backend{}, Rows: []jsonRow{},
	}
	for _, s := range r.Servers {
		s.Info.Settings = list(s.Info.Settings)
		doc.Servers = append(doc.Servers, jsonServer{Target: s.Target, Missing: s.Missing, ServerInfo: s.Info})
	}
	for _, b := range r.Backends {
		b.Settings = list(b.Settings)
		doc.Backends = append(doc.Backends, b)
	}
	for i := range r.Rows {
		doc.Rows = append(doc.Rows, newJSONRow(r, &r.Rows[i]))
	}
	return writeJSON(w, doc)
}

type jsonResult struct {
	Version     int                 `json:"version"`
	Kind        Kind                `json:"kind"`
	Seed        uint64              `json:"seed"`
	Command     string              `json:"command"`
	Started     time.Time           `json:"started"`
	Elapsed     float64             `json:"elapsed_seconds"`
	Interrupted bool                `json:"interrupted"`
	Load        string              `json:"load"`
	Strict      bool                `json:"strict"`
	Reference   string              `json:"reference"`
	Decide      string              `json:"decide"`
	Thresholds  []threshold.Outcome `json:"thresholds"`
	Warnings    []string            `json:"warnings"`
	Servers     []jsonServer        `json:"servers"`
	Backends    []Backend           `json:"backends"`
	Rows        []jsonRow           `json:"rows"`
}

type jsonServer struct {
	Target string `json:"target"`
	store.ServerInfo
	Missing string `json:"missing,omitempty"`
}

type jsonRow struct {
	harness.Label
	Clients    int             `json:"clients"`
	Cells      int             `json:"cells"`
	Rate       float64         `json:"rate"`
	Skew       float64         `json:"zipfian_constant"`
	Server     string          `json:"server"`
	Verdict    harness.Verdict `json:"verdict"`
	Expected   harness.Verdict `json:"expected"`
	AsExpected bool            `json:"as_expected"`
	Reason     string          `json:"reason"`
	Advice     string          `json:"advice"`
	Promise    *jsonPromise    `json:"promise,omitempty"`
	Alone      *jsonAlone      `json:"alone,omitempty"`
	Foreign    bool            `json:"foreign,omitempty"`
	Needs      []string        `json:"needs"`
	Model      string          `json:"model"`
	Standing   []string        `json:"consistent_with"`
	Familiar   []string        `json:"familiar"`
	Error      string          `json:"error,omitempty"`
	Failure    string          `json:"failure,omitempty"`

	Oversold  int64 `json:"oversold"`
	LostSales int64 `json:"lost_sales"`
	Drift     int64 `json:"drift"`

	Trials      int64           `json:"trials"`
	UpperBound  float64         `json:"upper_bound"`
	Clocks      *engine.Clocks  `json:"clocks,omitempty"`
	IsControl   bool            `json:"is_control"`
	Control     string          `json:"control"`
	Checks      []jsonCheck     `json:"checks"`
	Violations  []jsonViolation `json:"violations"`
	Count       int64           `json:"violation_count"`
	Command     string          `json:"command"`
	HistoryFile string          `json:"history_file"`
	Explored    *Explored       `json:"explored,omitempty"`

	Faults  []jsonFault    `json:"faults"`
	Figures []store.Figure `json:"figures"`

	Latency  *jsonLatency  `json:"latency,omitempty"`
	Timeline *jsonTimeline `json:"timeline,omitempty"`
	Workers  []jsonWorker  `json:"workers,omitempty"`

	Low      float64   `json:"ops_per_second_low"`
	High     float64   `json:"ops_per_second_high"`
	Relative float64   `json:"relative"`
	To       string    `json:"relative_to"`
	P        float64   `json:"p"`
	Runs     []jsonRun `json:"runs"`

	jsonFigures
}

// jsonPromise is what was promised, in words.
type jsonPromise struct {
	Short  string `json:"short"`
	Reason string `json:"reason"`
	By     string `json:"by"`
	Floor  string `json:"floor,omitempty"`
}

// jsonAlone is what a step of a sweep showed by itself, where the row's verdict is the sweep's.
type jsonAlone struct {
	Verdict    harness.Verdict `json:"verdict"`
	AsExpected bool            `json:"as_expected"`
	Reason     string          `json:"reason"`
	Advice     string          `json:"advice"`
	Trials     int64           `json:"trials"`
}

// jsonFault is something that was broken while clients ran; times from the row's start.
type jsonFault struct {
	What string  `json:"what"`
	From float64 `json:"from_seconds"`
	To   float64 `json:"to_seconds"`
}

// jsonRun is one of a row's repeats.
type jsonRun struct {
	Verdict      harness.Verdict `json:"verdict"`
	Elapsed      float64         `json:"elapsed_seconds"`
	OpsPerSecond float64         `json:"ops_per_second"`
	ConflictRate float64         `json:"conflict_rate"`
	OK           int64           `json:"ok"`
	Trials       int64           `json:"trials"`
	Violations   int64           `json:"violations"`
	Processed    int64           `json:"processed"`
	Attempts     int64           `json:"attempts"`
	Conflicts    int64           `json:"conflicts"`
	Latency      *jsonLatency    `json:"latency,omitempty"`
	Timeline     *jsonTimeline   `json:"timeline,omitempty"`
}

// jsonFigures are what the row did, all zero if it did nothing.
type jsonFigures struct {
	Elapsed      float64 `json:"elapsed_seconds"`
	OpsPerSecond float64 `json:"ops_per_second"`
	ConflictRate float64 `json:"conflict_rate"`
	WaitingShare float64 `json:"waiting_share"`
	TriesPerOp   float64 `json:"tries_per_op"`
	CPU          float64 `json:"generator_cpu_share"`
	Alone        float64 `json:"generator_ops_per_second"`
	Limited      bool    `json:"generator_limited"`
	Full         bool    `json:"memory_full"`

	Scheduled int64   `json:"scheduled"`
	Skipped   int64   `json:"skipped"`
	Dropped   int64   `json:"dropped"`
	LagP50    float64 `json:"lag_p50_ms"`
	LagP99    float64 `json:"lag_p99_ms"`
	LagMax    float64 `json:"lag_max_ms"`

	Processed int64 `json:"processed"`
	OK        int64 `json:"ok"`
	Rejected  int64 `json:"rejected"`
	Failed    int64 `json:"failed"`
	Unknown   int64 `json:"unknown"`

	Attempts              int64   `json:"attempts"`
	Retried               int64   `json:"retried"`
	Exhausted             int64   `json:"exhausted"`
	Down                  int64   `json:"service_down,omitempty"`
	Ambiguous             int64   `json:"ambiguous"`
	SerializationFailures int64   `json:"serialization_failures"`
	Deadlocks             int64   `json:"deadlocks"`
	LockTimeouts          int64   `json:"lock_timeouts"`
	VersionMisses         int64   `json:"version_misses"`
	Queued                float64 `json:"queued_ms"`
	QueueP50              float64 `json:"queue_p50_ms"`
	QueueP99              float64 `json:"queue_p99_ms"`
	ServedP50             float64 `json:"served_p50_ms"`
	ServedP99             float64 `json:"served_p99_ms"`
	Backoff               float64 `json:"backoff_ms"`
	Waited                float64 `json:"lock_wait_ms"`
	Waiters               float64 `json:"lock_waiters"`

	P50         float64 `json:"p50_ms"`
	P90         float64 `json:"p90_ms"`
	P95         float64 `json:"p95_ms"`
	P99         float64 `json:"p99_ms"`
	P999        float64 `json:"p999_ms"`
	Max         float64 `json:"max_ms"`
	RejectedP50 float64 `json:"rejected_p50_ms"`
	RejectedP99 float64 `json:"rejected_p99_ms"`
	FailedP50   float64 `json:"failed_p50_ms"`
	FailedP99   float64 `json:"failed_p99_ms"`
}

type jsonCheck struct {
	Name       string            `json:"name"`
	Rule       string            `json:"rule"`
	Violations int64             `json:"violations"`
	Measure    int64             `json:"measure"`
	Unit       string            `json:"unit"`
	Figure     bool              `json:"figure"`
	Vouched    string            `json:"vouched"`
	Skipped    string            `json:"skipped,omitempty"`
	Waived     bool              `json:"waived,omitempty"`
	Models     bool              `json:"models,omitempty"`
	Involved   []engine.Involved `json:"involved,omitempty"`
}

type jsonViolation struct {
	Check string `json:"check"`
	Text  string `json:"text"`
}

func newJSONRow(r *Result, row *Row) jsonRow {
	j := jsonRow{
		Label: row.Label, Clients: row.Clients, Cells: row.Cells, Rate: row.Rate, Skew: row.Skew, Server: row.Server,
		Verdict: row.Verdict(), Reason: row.Reason(), Needs: []string{}, Standing: []string{}, Familiar: []string{}, UpperBound: 1,
		IsControl: row.Control, Foreign: row.Foreign, Command: cmp.Or(row.Command, r.Command), HistoryFile: row.HistoryFile, Explored: row.Explored,
		Checks: []jsonCheck{}, Violations: []jsonViolation{}, P: 1, Runs: []jsonRun{},
		Faults: []jsonFault{}, Figures: []store.Figure{},
	}
	if row.Report != nil && row.Report.Failure != nil {
		j.Failure = row.Report.Failure.Error()
	}
	if all, familiar := row.ConsistentWith(); all != nil {
		j.Standing, j.Familiar = all, list(familiar)
	}
	if row.Err != nil {
		j.Error = row.Err.Error()
	}
	if p := row.Expected; p != nil {
		j.Expected, j.Model = harness.Unsafe, p.Model
		j.Promise = &jsonPromise{p.Short, p.Reason, p.By, p.Floor}
		if p.Safe {
			j.Expected = harness.Safe
		}
		for _, h := range p.Missing.List() {
			j.Needs = append(j.Needs, h.String())
		}
	}
	rep := row.Report
	if rep == nil || row.Skip != "" {
		return j
	}
	j.AsExpected, j.Advice = row.Judgement().AsExpected, row.Judgement().Advice
	if one := &rep.Judgement; row.Swept != nil {
		j.Alone = &jsonAlone{one.Verdict, one.AsExpected, one.Reason, one.Advice, one.Trials}
	}
	j.Oversold, j.LostSales = rep.Measure("oversold")+rep.Measure("overdrawn"), rep.Measure("lost-sales")
	j.Drift = rep.Measure("conservation")
	j.Trials, j.UpperBound = row.Judgement().Trials, engine.UpperBound(row.Judgement().Trials)
	j.Clocks = row.Judgement().Clocks
	if rep.Control != nil {
		j.Control = rep.Control.Label.String()
	}
	for i := range rep.Results {
		j.check(&rep.Results[i])
	}
	j.Count = rep.Violations()
	j.Figures = list(rep.Figures)
	for _, f := range rep.Faults {
		j.Faults = append(j.Faults, jsonFault{f.What, seconds(time.Duration(f.From)), seconds(time.Duration(f.To))})
	}
	j.jsonFigures = figures(rep)
	j.Workers = newJSONWorkers(rep.Workers)
	j.Latency, j.Timeline = newJSONLatency(&rep.Accounting), newJSONTimeline(rep)
	j.compare(r, row)
	return j
}

// compare fills in what the row's repeats say, and what it is against its base.
func (j *jsonRow) compare(r *Result, row *Row) {
	g := row.Goodput()
	j.OpsPerSecond, j.Low, j.High = finite(g.Median), finite(g.Lo), finite(g.Hi)
	if rel := relationOf(r, row); rel.to != nil {
		j.Relative, j.To, j.P = finite(rel.factor), rel.to.Label.String(), finite(rel.P)
	}
	for _, run := range row.Runs {
		j.Runs = append(j.Runs, jsonRun{
			Verdict: run.Verdict, Elapsed: seconds(run.Elapsed), OpsPerSecond: finite(run.Goodput()),
			ConflictRate: finite(run.Accounting.ConflictRate()), OK: run.Accounting.Outcomes[harness.OK],
			Trials: run.Trials, Violations: run.Violations(), Processed: run.Accounting.Processed(), Attempts: run.Accounting.Attempts,
			Conflicts: run.Accounting.AllConflicts(), Latency: newJSONLatency(&run.Accounting), Timeline: newJSONTimeline(run),
		})
	}
}

func (j *jsonRow) check(res *engine.CheckResult) {
	c := &res.Checker
	j.Checks = append(j.Checks, jsonCheck{
		Name: c.Name, Rule: c.Rule, Violations: res.Violations, Measure: res.Measure, Unit: c.Unit, Figure: c.Figure,
		Vouched: res.Vouched, Skipped: res.Skipped, Waived: res.Waived, Models: res.ConsistentWith != nil && c.Familiar != nil, Involved: res.Operations,
	})
	if c.Figure {
		return
	}
	for _, text := range res.Texts {
		j.Violations = append(j.Violations, jsonViolation{Check: c.Name, Text: strings.TrimSpace(text)})
	}
}

func figures(rep *engine.Report) jsonFigures {
	a := &rep.Accounting
	ok, rejected, failed := &a.Latency[harness.OK], &a.Latency[harness.Rejected], &a.Latency[harness.Failed]
	return jsonFigures{
		Elapsed: seconds(rep.Elapsed),
		CPU:     finite(rep.Generator.CPU), Alone: finite(rep.Generator.Alone), Limited: rep.GeneratorLimited(), Full: rep.Full,
		Scheduled: a.Scheduled(), Skipped: a.Skipped, Dropped: a.Dropped,
		LagP50: quantile(&a.Lag, 0.50), LagP99: quantile(&a.Lag, 0.99), LagMax: ms(a.Lag.Max()),
		ConflictRate: finite(a.ConflictRate()), WaitingShare: finite(rep.Waiting()), TriesPerOp: finite(a.TriesPerOp()),
		Processed: a.Processed(), OK: a.Outcomes[harness.OK], Rejected: a.Outcomes[harness.Rejected],
		Failed: a.Outcomes[harness.Failed], Unknown: a.Outcomes[harness.Unknown],
		Attempts: a.Attempts, Retried: a.Retried, Exhausted: a.Exhausted, Down: a.Down, Ambiguous: a.Ambiguous,
		SerializationFailures: a.Conflicts[harness.Serialization], Deadlocks: a.Conflicts[harness.Deadlock],
		LockTimeouts: a.Conflicts[harness.LockTimeout], VersionMisses: a.Conflicts[harness.VersionMiss],
		Queued: ms(a.Queued), Backoff: ms(a.Backoff), Waited: ms(a.Waited), Waiters: rep.LockWait,
		QueueP50: quantile(&a.Queue, 0.50), QueueP99: quantile(&a.Queue, 0.99), ServedP50: quantile(&a.Served, 0.50), ServedP99: quantile(&a.Served, 0.99),
		P50: quantile(ok, 0.50), P90: quantile(ok, 0.90), P95: quantile(ok, 0.95), P99: quantile(ok, 0.99), P999: quantile(ok, 0.999), Max: ms(ok.Max()),
		RejectedP50: quantile(rejected, 0.50), RejectedP99: quantile(rejected, 0.99),
		FailedP50: quantile(failed, 0.50), FailedP99: quantile(failed, 0.99),
	}
}

func quantile(h *stats.Histogram, q float64) float64 { return ms(h.Quantile(q)) }

func ms(d time.Duration) float64 { return finite(float64(d) / float64(time.Millisecond)) }

// seconds keeps nanoseconds: reports made of the JSON are those of the run.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e9) / 1e9 }

// finite rounds away the noise of division; JSON has no NaN and no infinity.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Round(v*1e6) / 1e6
}

// list is s, or an empty list: never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
