package glossary

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

// Explain writes all that is known of a name. A name of several kinds is explained for each: redis can be a lock and something else.
func Explain(w io.Writer, name string) error {
	all, err := Terms()
	if err != nil {
		return err
	}
	if l, ok := harness.ParseLevel(name); ok {
		name = string(l)
	}
	var known []string
	found := false
	for i := range all {
		known = append(known, all[i].Name)
		if !strings.EqualFold(all[i].Name, name) {
			continue
		}
		if found {
			fmt.Fprintln(w)
		}
		found = true
		if err := all[i].explain(w); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	if near := names.Nearest(name, known); near != "" {
		return fmt.Errorf("unknown name %q; did you mean %s? lastseat explain lists all", name, near)
	}
	return fmt.Errorf("unknown name %q; lastseat explain lists all", name)
}

// explain writes for a terminal of reports.NarrowWidth.
func (t *Term) explain(w io.Writer) error {
	p := &page{w: w}
	p.para("", fmt.Sprintf("%s (%s): %s", t.Name, t.Kind, t.Meaning))
	p.diagram(t)
	switch {
	case t.hazard != nil:
		p.prevented(func(has promise.Isolation) bool { return has.Prevents.Has(*t.hazard) })
		p.blank()
		p.para("What mends it: ", t.hazard.Advice()+".")
	case t.level != "":
		p.levelPrevents(t.level)
	case t.plan != nil:
		p.strategy(t.plan)
	case t.component != nil:
		p.mends("What it can let through, and what makes up for it", t.component.Endangers)
	}
	return p.err
}

// prevented writes which levels of which servers suffice.
func (p *page) prevented(suffices func(promise.Isolation) bool) {
	somewhere := false
	lines := byServers(func(d *store.Declared) string {
		levels := slices.DeleteFunc(slices.Clone(d.Levels), func(l harness.Level) bool { return !suffices(d.Isolation(l)) })
		if len(levels) == 0 {
			return "no level"
		}
		if somewhere = true; len(levels) > 1 && len(levels) == len(d.Levels) {
			return "every level"
		}
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(levels), "[]"), " ", ", ")
	})
	p.blank()
	if !somewhere {
		p.para("", "No level of any server prevents that.")
		return
	}
	p.para("", "Prevented by:")
	p.lines(lines)
}

// levelPrevents writes what a level prevents on each server, and what mends what it lets through on one of them at least.
func (p *page) levelPrevents(l harness.Level) {
	var through promise.Hazards
	lines := byServers(func(d *store.Declared) string {
		if !slices.Contains(d.Levels, l) {
			return ""
		}
		prevents := d.Isolation(l).Prevents
		through |= promise.Serialized(true) &^ promise.HazardSet(promise.Split) &^ prevents
		return prevents.String()
	})
	p.blank()
	p.para("", "It prevents:")
	p.lines(lines)
	p.mends("What some of them let through, and what mends it", through)
}

// byServers asks what there is to say of each server, and joins those of which it is the same: "MySQL; MariaDB before 11: no level".
func byServers(say func(*store.Declared) string) []string {
	servers := map[string][]string{}
	var texts []string
	for _, e := range targets.Table() {
		for i := range e.Declared {
			text := say(&e.Declared[i])
			if text != "" && servers[text] == nil {
				texts = append(texts, text)
			}
			servers[text] = append(servers[text], e.Declared[i].Servers)
		}
	}
	for i, text := range texts {
		texts[i] = strings.Join(servers[text], "; ") + ": " + text
	}
	return texts
}

// strategy writes what a strategy needs prevented, which levels do that, and what to do instead.
func (p *page) strategy(plan *promise.Plan) {
	alone := p.needs(plan, "To take one of what is left it needs", 0)
	if together := p.needs(plan, "Where the check reads other rows, too, it needs", alone, 1); alone|together != 0 {
		p.blank()
		p.para("What mends it elsewhere: ", (alone|together).Main().Advice()+".")
	}
}

// needs writes what a strategy needs prevented to take from cell 0, with a check that reads other cells as well; nothing, where that
// is what is known already.
func (p *page) needs(plan *promise.Plan, first string, known promise.Hazards, others ...harness.Cell) promise.Hazards {
	guard := harness.Guard{Cells: append([]harness.Cell{0}, others...)}
	take := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: guard}}}}
	needs := plan.Needs(take, promise.Isolation{TxSnapshot: true})
	switch {
	case needs == known && len(others) > 0:
	case needs == 0:
		p.blank()
		p.para("", fmt.Sprintf("%s nothing prevented: %s.", first, plan.Cover))
	default:
		p.blank()
		p.para("", fmt.Sprintf("%s prevented: %s.", first, needs.Several()))
		p.prevented(func(has promise.Isolation) bool { return plan.Needs(take, has)&^has.Prevents == 0 })
	}
	return needs
}

// mends writes what mends each hazard of a set.
func (p *page) mends(heading string, hazards promise.Hazards) {
	if hazards == 0 {
		return
	}
	p.blank()
	p.para("", heading+":")
	for _, h := range hazards.List() {
		p.lines([]string{h.Named() + ": " + h.Advice()})
	}
}

// page writes paragraphs, and keeps the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) para(first, text string) {
	p.err = cmp.Or(p.err, reports.Paragraph(p.w, first, text))
}

func (p *page) blank() { p.para("", "") }

// lines writes each text as a paragraph of a list.
func (p *page) lines(texts []string) {
	for _, text := range texts {
		p.para("  - ", text)
	}
}
