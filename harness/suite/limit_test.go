package suite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// TestTooManyRows: a table that is too large is refused before any server is opened, with what multiplies its rows; the largest that
// the axes of plain rows make is not.
func TestTooManyRows(t *testing.T) {
	every := map[string][]string{}
	for _, axis := range targets.Axes() {
		every[axis.Name] = []string{suite.None}
		for _, c := range axis.Components {
			every[axis.Name] = append(every[axis.Name], c.Name)
		}
	}
	if _, err := suite.Environments(targets.Axes(), every, []int{1, 2, 3}); !errors.Is(err, suite.ErrTooMany) ||
		!strings.Contains(err.Error(), "--lock (") || !strings.Contains(err.Error(), "--servers (3)") {
		t.Errorf("all components: %v", err)
	}
	few := map[string][]string{"lock": every["lock"], "fault": every["fault"], "retry": every["retry"]}
	environments, err := suite.Environments(targets.Axes(), few, []int{suite.DefaultServers})
	if err != nil {
		t.Fatal(err)
	}
	cfg := suite.Config{Clients: []int{1, 2, 4, 8, 16}, Each: engine.DefaultConfig(), AllLevels: true}
	for _, e := range targets.Table() {
		cfg.Targets = append(cfg.Targets, suite.TargetSpec{Name: e.Name, Engine: e})
	}
	for _, name := range workloads.Names() {
		cfg.Workloads = append(cfg.Workloads, suite.Workload{Name: name, New: func(cells int, _ float64) (harness.Workload, error) {
			return workloads.New(name, workloads.Config{Cells: cells})
		}})
	}
	if err := cfg.Validate(); err != nil {
		t.Errorf("all of the usual axes, and a sweep: %v", err)
	}
	cfg.Environments = environments
	err = cfg.Validate()
	if !errors.Is(err, suite.ErrTooMany) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("every lock with every fault and every retry: %v", err)
	}
	for _, flag := range []string{"--lock", "--fault", "--retry", "--strategy", "--workload (8)", "--target (7)", "--isolation (4)", "--concurrency (5)"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not named: %v", flag, err)
		}
	}
}
