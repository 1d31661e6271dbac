package reports

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// group is a workload on a target: what shares a heading, and what ops/s are compared within.
type group struct {
	workload, target string
	rows             []*Row
	skipped          []*Row
}

// groups orders rows by their workload and target, as they first appear.
func groups(r *Result) []*group {
	var all []*group
	for i := range r.Rows {
		row := &r.Rows[i]
		at := slices.IndexFunc(all, func(g *group) bool {
			return g.workload == row.Label.Workload && g.target == row.Label.Target
		})
		if at < 0 {
			at = len(all)
			all = append(all, &group{workload: row.Label.Workload, target: row.Label.Target})
		}
		switch {
		case row.Foreign: // foreignTo has them
		case row.Skip != "":
			all[at].skipped = append(all[at].skipped, row)
		default:
			all[at].rows = append(all[at].rows, row)
		}
	}
	return all
}

// clients is how many clients the group's rows had; 0 if they differ or none ran.
func (g *group) clients() int {
	n := 0
	for _, row := range g.rows {
		switch {
		case row.Report == nil:
		case n != 0 && n != row.Clients:
			return 0
		default:
			n = row.Clients
		}
	}
	return n
}

// skips says which rows there are not, one line a reason: the strategies with their levels, then why.
func (g *group) skips(full bool) (names, reasons []string) {
	type strategy struct {
		name   string
		levels []string
	}
	var lists [][]strategy // by reason
	for _, row := range g.skipped {
		at := slices.Index(reasons, row.Skip)
		if at < 0 {
			at = len(reasons)
			reasons, lists = append(reasons, row.Skip), append(lists, nil)
		}
		list := lists[at]
		name, level, ok := strings.Cut(rowName(row.Label, full), "@")
		if n := len(list); n == 0 || list[n-1].name != name {
			list = append(list, strategy{name: name})
		}
		if ok {
			last := &list[len(list)-1]
			last.levels = append(last.levels, level)
		}
		lists[at] = list
	}
	for _, list := range lists {
		var parts []string
		for _, s := range list {
			if len(s.levels) > 0 {
				s.name += "@" + strings.Join(s.levels, ",")
			}
			parts = append(parts, s.name)
		}
		names = append(names, strings.Join(parts, "; "))
	}
	return names, reasons
}

// rowName is a row within its group: for-update@rc, or with the level's full name.
func rowName(l harness.Label, full bool) string {
	if full {
		return harness.VisibleLine(l.Row(string(l.Isolation)))
	}
	return harness.VisibleLine(l.Row(l.Isolation.Short()))
}
