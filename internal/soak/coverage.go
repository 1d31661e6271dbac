package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// coverage counts what runs showed: by axis and value, how many rows ended how. The zero value has seen nothing.
type coverage struct {
	runs, empty int // runs; those without a single row that could be
	rows        map[string]map[string]*tally
}

// tally counts rows by how they ended.
type tally struct{ safe, unsafe, undecided, skipped int }

func (t *tally) add(verdict string) {
	switch verdict {
	case "safe":
		t.safe++
	case "unsafe":
		t.unsafe++
	case "skipped":
		t.skipped++
	default:
		t.undecided++
	}
}

// add counts a run's rows. Axes that rows do not name are taken from the flags.
func (c *coverage) add(flags []string, rows []row) {
	c.runs++
	judged := false
	for i := range rows {
		r := &rows[i]
		judged = judged || r.Verdict != "skipped"
		c.count("target", r.Target, r.Verdict)
		c.count("workload", r.Workload, r.Verdict)
		c.count("strategy", r.Strategy, r.Verdict)
		c.count("isolation", r.Isolation, r.Verdict)
		for _, component := range strings.Split(r.Around, "+") {
			c.count("around", component, r.Verdict)
		}
		c.count("fault", r.Fault, r.Verdict)
		for _, axis := range []string{"-c", "--cells"} {
			if at := slices.Index(flags, axis); at >= 0 {
				c.count(axis, flags[at+1], r.Verdict)
			}
		}
	}
	if !judged {
		c.empty++
	}
}

func (c *coverage) count(axis, value, verdict string) {
	if value == "" {
		value = "(nothing)"
	}
	if c.rows == nil {
		c.rows = map[string]map[string]*tally{}
	}
	if c.rows[axis] == nil {
		c.rows[axis] = map[string]*tally{}
	}
	if c.rows[axis][value] == nil {
		c.rows[axis][value] = &tally{}
	}
	c.rows[axis][value].add(verdict)
}

// String is the table of what was covered.
func (c *coverage) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d runs, %d of them without a row that can be\n\n", c.runs, c.empty)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "axis\tvalue\tsafe\tunsafe\tundecided\tskipped")
	for _, axis := range slices.Sorted(maps.Keys(c.rows)) {
		for _, value := range slices.Sorted(maps.Keys(c.rows[axis])) {
			t := c.rows[axis][value]
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\n", axis, value, t.safe, t.unsafe, t.undecided, t.skipped)
		}
	}
	_ = w.Flush() // into memory
	return b.String()
}
