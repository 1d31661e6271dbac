package schedule

import (
	"embed"
	"fmt"
	"path"
)

//go:embed anomalies/*.schedule
var files embed.FS

// order is that of the anomalies, weakest first.
func order() []string {
	return []string{
		"G0", "G1a", "G1b", "G1c", "OTV", "PMP", "PMP-write", "P4", "G-single", "G-single-predicate", "G-single-write", "stmt-skew",
		"G2-item", "G2", "G2-join", "G2-two-edges", "G2-read-only",
	}
}

// Anomalies are the schedules that show each anomaly that lastseat knows, weakest first. The scenarios are Hermitage's (Martin
// Kleppmann, github.com/ept/hermitage), stmt-skew, and G2 through a join and beside a transaction that says READ ONLY.
func Anomalies() ([]*Schedule, error) {
	var all []*Schedule
	for _, name := range order() {
		file := path.Join("anomalies", name+".schedule")
		text, err := files.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the schedule of %s: %w", name, err)
		}
		s, err := Parse(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// AnomalyNames are the names of Anomalies.
func AnomalyNames() []string { return order() }
