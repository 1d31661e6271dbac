package reports

import "github.com/lastseat/lastseat/harness/engine"

// jsonWorker is what one of several processes had to do with a row.
type jsonWorker struct {
	Name      string  `json:"name"`
	Host      string  `json:"host"`
	Clients   int     `json:"clients"`
	Processed int64   `json:"processed"`
	CPU       float64 `json:"cpu_share"`
	Machine   float64 `json:"machine_cpu_share"`
	Late      float64 `json:"timers_late_ms"`
	Slack     float64 `json:"clock_slack_ms"`
	Stalled   float64 `json:"stalled_ms"`
	Saturated string  `json:"saturated,omitempty"`
	Lost      string  `json:"lost,omitempty"`
	Unseen    int     `json:"unseen_clients,omitempty"`
}

// newJSONWorkers is nil where clients were in lastseat's own process.
func newJSONWorkers(all []engine.Worker) []jsonWorker {
	var out []jsonWorker
	for i := range all {
		w := &all[i]
		out = append(out, jsonWorker{
			Name: w.Name, Host: w.Host, Clients: w.Clients, Processed: w.Processed, CPU: finite(w.CPU), Machine: finite(w.Machine), Late: ms(w.Late),
			Slack: ms(w.Slack), Stalled: ms(w.Stalled), Saturated: w.Saturated, Lost: w.Lost, Unseen: w.Unseen,
		})
	}
	return out
}

// workersOf are those that newJSONWorkers wrote.
func workersOf(all []jsonWorker) []engine.Worker {
	var out []engine.Worker
	for i := range all {
		w := &all[i]
		out = append(out, engine.Worker{
			Name: w.Name, Host: w.Host, Clients: w.Clients, Processed: w.Processed, CPU: w.CPU, Machine: w.Machine, Late: durationOf(1e-3 * w.Late),
			Slack: durationOf(1e-3 * w.Slack), Stalled: durationOf(1e-3 * w.Stalled), Saturated: w.Saturated, Lost: w.Lost, Unseen: w.Unseen,
		})
	}
	return out
}
