package main

import "time"

// How long a row takes that nobody gave a time.
const (
	embeddedBudget = 500 * time.Millisecond
	serverBudget   = 2 * time.Second
	aroundBudget   = 4 * time.Second  // a lock or a fault makes everything slower
	killBudget     = 10 * time.Second // a server that was killed takes seconds to come back
)

// rowBudget is how long a row of a server may take. Where models are judged, an engine in this process gets no less than others:
// it makes its transactions wait for each other, and few of them meet.
func (o *options) rowBudget(p *planned) time.Duration {
	s, promise := p.server, &p.offer.Promise
	switch {
	case o.config.Duration > 0:
		return o.config.Duration
	case o.perRow > 0:
		return o.perRow
	case p.around.traits().Kills, p.around.traits().Unlocks:
		return killBudget
	case p.around.any():
		return aroundBudget
	case s.spec.engine.Embedded && promise.Model == "":
		return embeddedBudget
	}
	return serverBudget
}
