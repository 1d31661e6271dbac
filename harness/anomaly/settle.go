package anomaly

import (
	"slices"
	"strings"
)

// settle notes what the search for cycles has decided, and what it would have in the other orders.
func (c *conclusion) settle(order edgeKind) {
	c.settled(order)
	if order != realtime {
		if c.in.txns > costly {
			return
		}
		c.settleToo(realtime)
	}
	open := slices.ContainsFunc(c.settling(process), func(m string) bool { return !c.known(m) })
	if order != process && (open || !c.timed()) {
		c.settleToo(process)
	}
}

// settleToo looks for cycles of another order, for which nobody asked: they decide what holds, and are not told.
func (c *conclusion) settleToo(order edgeKind) {
	s, _ := c.cycles(order)
	names := appendNew(slices.Clone(c.names), s)
	out := c.l.ruledOut(slices.Concat(names, c.hidden(s)))
	for _, m := range c.settling(order) {
		if !out[m] {
			c.hold(m)
		} else if !c.out()[m] {
			c.refuted = append(c.refuted, c.l.cycleExists(m))
		}
	}
}

// settled notes that those models hold which cycles could have ruled out, and did not.
func (c *conclusion) settled(order edgeKind) { c.hold(c.settling(order)...) }

// settling are the models that cycles decide.
func (c *conclusion) settling(order edgeKind) []string {
	if !c.ordered {
		models := bySources(order)
		if c.in.twice { // it is not known whose writes were read
			models = slices.DeleteFunc(models, func(m string) bool { return strings.HasSuffix(m, "read-committed") })
		}
		return models
	}
	models := byCycles(order)
	if c.unseen != nil && len(c.names) > 0 && c.unseen() {
		models = slices.DeleteFunc(models, func(m string) bool { return strings.HasSuffix(m, "snapshot-isolation") || m == consistentView })
	}
	return models
}

// timed reports whether real time tells all that sessions tell.
func (c *conclusion) timed() bool {
	return !slices.ContainsFunc(c.sessions(), func(e edge) bool {
		return !c.when.before(e.from, e.to)
	})
}
