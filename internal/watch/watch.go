// Package watch has the flags that say how a command shows how far it is, and what shows it. In go flags and the place for it, out comes a
// reports.Progress.
package watch

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/reports"
)

// Flags of a command that takes a while.
func Flags(f *pflag.FlagSet, o *reports.ProgressOptions) {
	f.Var((*every)(&o.Every), "progress", "add a line of progress so often (default: a view that is updated on a terminal, elsewhere 5s)")
	f.BoolVar(&o.Quiet, "quiet", false, "show no plan and no progress, only the result")
}

// New shows progress on w, as the flags want it.
func New(w io.Writer, o reports.ProgressOptions) *reports.Progress {
	o.Terminal, o.Size = terminal.Moves(w), func() (int, int) { return terminal.Size(w) }
	return reports.NewProgress(w, o)
}

// every is a duration of at least 0.
type every time.Duration

func (e *every) String() string { return time.Duration(*e).String() }
func (*every) Type() string     { return "duration" }

func (e *every) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("it is %v, must not be negative", d)
	}
	*e = every(d)
	return err
}
