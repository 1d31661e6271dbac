package reports

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Plan is what a run is about to do.
type Plan struct {
	Rows      int // to run
	Skipped   int // that cannot be run
	Workloads []string
	Targets   []string
	Clients   int
	AtMost    time.Duration // how long it may take; 0: not known
	Seed      uint64
}

// Write writes the plan: "34 rows: seats, transfer on postgres, mysql, 64 clients · at most 2 min 30 s · seed 42".
func (p Plan) Write(w io.Writer) error {
	out := &page{width: defaultWidth}
	text := plural(p.Rows, "row")
	if len(p.Workloads) > 0 {
		text += ": " + strings.Join(p.Workloads, ", ")
	}
	if len(p.Targets) > 0 {
		text += " on " + strings.Join(p.Targets, ", ")
	}
	if p.Clients > 0 {
		text += ", " + plural(p.Clients, "client")
	}
	if p.Skipped > 0 {
		text += fmt.Sprintf(" · %d skipped", p.Skipped)
	}
	if p.AtMost > 0 {
		text += " · at most " + span(p.AtMost)
	}
	out.para("", text+fmt.Sprintf(" · seed %d", p.Seed))
	return out.flush(w)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(int64(n)) + " " + what + "s"
}
