package workloads

import (
	"errors"
	"strconv"

	"github.com/lastseat/lastseat/harness"
)

// Recorded makes the workload that a history was recorded with, of the state that it began with and the settings of its header.
func Recorded(name string, start harness.State, settings map[string]string) (harness.Workload, error) {
	if len(start.Groups) == 0 {
		return nil, errors.New("the history's start state has no tables of cells")
	}
	cfg := Config{Cells: start.Groups[0].Len, ManyReads: settings["reads"] == "many"}
	if cells, err := strconv.Atoi(settings["cells"]); err == nil && cells > 0 && cells < cfg.Cells {
		cfg.Cells = cells // there are more than are used at a time
	}
	if stock, err := strconv.ParseInt(settings["stock"], 10, 64); err == nil {
		cfg.Stock = stock
	}
	return New(name, cfg)
}
