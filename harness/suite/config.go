package suite

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
)

// Config is what a table is made of. Its rows are all combinations of its axes.
type Config struct {
	Targets   []TargetSpec
	Workloads []Workload
	// Strategies by name; nil: all that each engine has. A strategy that an engine lacks is a skipped row there, unless OnlyKnown.
	Strategies []string
	OnlyKnown  bool
	// Beside are strategies that also run with nothing around the store, beside rows that have something around it.
	Beside []string
	// Levels of the rows. AllLevels takes every level that a server offers. With neither, each server's default.
	Levels    []harness.Level
	AllLevels bool
	Clients   []int // fewest first, at least one; several are a sweep
	Cells     []int // fewest first; nil: each workload's own number
	// Rates are those of an open loop, the lowest first; several are a sweep. Nil: Each.Rate.
	Rates []float64
	// Skews are constants of zipfian choices among cells, the least first; several are steps too. Nil: each workload's own.
	Skews []float64
	// Environments are what surrounds the stores of rows; nil: nothing does.
	Environments []Environment
	// Backends are addresses of the user's own servers that components use, by store.Component.Backend.
	Backends map[string]string
	// Only leaves out rows that it is false for; nil: no row is left out. A control is added where it left out all.
	Only func(harness.Label) bool

	Each   engine.Config    // how each row runs; Concurrency, Budget and Reserve are the suite's to set
	Open   store.OpenConfig // how servers are opened
	Hook   harness.Hook     // called at each Point of each row; nil: nothing
	Budget time.Duration    // of all rows together, divided among them; 0: each row has its own
	Runs   int              // of each row; 0: once

	// Elsewhere has the clients of rows work in other processes, Open.Workers many; nil: they work in this one. It is made once the servers
	// are open.
	Elsewhere func(row *Row) engine.Elsewhere
	// Processes are those of the workers that faults can stop; nil: there are none.
	Processes []store.Process
	// Command is the command line that runs a row alone; nil: there is none.
	Command func(*Row) string
	// Keep opens the place for a row's history before each of its runs; nil: histories are not kept.
	Keep func(row *Row, start harness.State, seed uint64) (Keeper, error)
	// Progress is told how far the run is: run n (from 1) of so many is at p. Nil: nobody is told.
	Progress func(n, of int, p engine.Progress)
	// Done is told of each row when it has run; of one that is repeated, each time. Nil: nobody is told.
	Done func(*Row)
}

// Workload makes a workload of the table.
type Workload struct {
	Name  string
	Cells int // that it has where none are asked for
	// New makes it with a number of cells; 0: its own number.
	// A skew is the constant of zipfian choices among them; 0: its own.
	New func(cells int, skew float64) (harness.Workload, error)
}

// Keeper takes in the history of a run while it lasts.
type Keeper interface {
	// Checkpoint takes in what has been added to the history since the last call.
	Checkpoint(*harness.History) error
	// Close ends the history: with the final state, if the report has one. The report is nil where no client ran.
	Close(*engine.Report) error
	// Path names the file.
	Path() string
}

// ErrConfig is what errors of Validate match.
var ErrConfig = errors.New("invalid suite")

// Validate says what is wrong with the config.
func (c *Config) Validate() error {
	switch {
	case len(c.Targets) == 0:
		return fmt.Errorf("%w: it names no target", ErrConfig)
	case len(c.Workloads) == 0:
		return fmt.Errorf("%w: it names no workload", ErrConfig)
	case len(c.Clients) == 0:
		return fmt.Errorf("%w: the number of clients is missing", ErrConfig)
	case c.Budget < 0:
		return fmt.Errorf("%w: its budget is %v, must not be negative", ErrConfig, c.Budget)
	case c.Runs < 0:
		return fmt.Errorf("%w: its number of runs is %d, must not be negative", ErrConfig, c.Runs)
	}
	if err := c.checkShared(); err != nil {
		return err
	}
	if err := c.checkRows(); err != nil {
		return err
	}
	for i := range c.Workloads {
		for _, cells := range c.cells() {
			for _, skew := range c.skews() {
				if _, err := c.Workloads[i].New(cells, skew); err != nil {
					return err
				}
			}
		}
	}
	for _, clients := range c.Clients {
		each := c.Each
		each.Concurrency = clients
		for _, each.Rate = range c.rates() {
			if err := each.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Names are those of its targets and of its workloads.
func (c *Config) Names() (targets, workloads []string) {
	for i := range c.Targets {
		targets = append(targets, c.Targets[i].Name)
	}
	for i := range c.Workloads {
		workloads = append(workloads, c.Workloads[i].Name)
	}
	return targets, workloads
}

// cells are the steps in cells; 0 stands for the workload's own number.
func (c *Config) cells() []int {
	if len(c.Cells) == 0 {
		return []int{0}
	}
	return c.Cells
}

// rates are the steps in rates; 0 stands for a closed loop.
func (c *Config) rates() []float64 {
	if len(c.Rates) == 0 {
		return []float64{c.Each.Rate}
	}
	return c.Rates
}

// skews are the steps in skew; 0 stands for the workload's own.
func (c *Config) skews() []float64 {
	if len(c.Skews) == 0 {
		return []float64{0}
	}
	return c.Skews
}

// mostClients is the most clients that a row has.
func (c *Config) mostClients() int {
	if len(c.Clients) == 0 {
		return 1
	}
	return slices.Max(c.Clients)
}

func (c *Config) runs() int { return max(c.Runs, 1) }

func (c *Config) environments() []Environment {
	if len(c.Environments) == 0 {
		return []Environment{{}}
	}
	return c.Environments
}
