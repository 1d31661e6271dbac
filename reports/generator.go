package reports

import (
	"fmt"
	"strings"
)

// generatorLimited tells which rows lastseat itself was the limit of.
func generatorLimited(p *page, r *Result) {
	var cpu, alone []string
	most, share := 0.0, 0.0
	for i := range r.Rows {
		row := &r.Rows[i]
		switch rep := row.Report; {
		case rep == nil || !rep.GeneratorLimited():
		case rep.Generator.Alone > 0:
			alone = append(alone, nameOf(r, row))
			share = max(share, rep.Share())
		default:
			cpu = append(cpu, nameOf(r, row))
			most = max(most, rep.Share())
		}
	}
	note := func(rows []string, why string) {
		if len(rows) == 0 {
			return
		}
		p.blank()
		p.para("! ", fmt.Sprintf("%s limited by the generator, not by the target: %s", plural(len(rows), "row"), why))
		p.para("  ", strings.Join(rows, ", "))
	}
	note(cpu, fmt.Sprintf("lastseat itself used up to %.0f %% of this machine's CPU time. Such ops/s say what lastseat can do here, "+
		"and less than what the server can", 100*most))
	note(alone, fmt.Sprintf("lastseat's own work was up to %.0f %% of what an operation cost. Differences between such rows are "+
		"larger than their ops/s show", 100*share))
}
