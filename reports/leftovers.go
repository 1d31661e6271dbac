package reports

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// Leftovers writes what runs left on a target's server, a line each; dry: nothing was to be dropped.
func Leftovers(w io.Writer, target string, all []store.Leftover, dry bool) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "%s: nothing is left\n", target)
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range all {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", target, all[i].Name, fate(&all[i], dry), origin(&all[i]))
	}
	return tw.Flush()
}

// fate is what became of a leftover.
func fate(l *store.Leftover, dry bool) string {
	switch {
	case l.Dropped:
		return "dropped"
	case l.Err != nil:
		return "failed"
	case l.State == store.DeadRun && dry:
		return "dead, would be dropped"
	case l.State == store.Alive:
		return "left alone: its run is alive"
	}
	return "left alone: it holds no marker of lastseat"
}

// origin is where a leftover comes from.
func origin(l *store.Leftover) string {
	if l.Started.IsZero() {
		return ""
	}
	return fmt.Sprintf("made %s by process %d on %s, lastseat %s", l.Started.Format(time.DateTime), l.PID, l.Host, l.Version)
}
