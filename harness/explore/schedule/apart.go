package schedule

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// manner is how a schedule is played on several servers, each of which knows its own locks alone and applies later what another commits.
// One server's locks make one order of what sessions write; here each order has to be tried.
type manner struct {
	// inTurn puts a session's writes off while another has written and not committed, as one server does by its locks.
	inTurn bool
	// atOnce has sessions commit at the same time where they can, and sends the next statement without waiting until all servers have
	// applied what was committed.
	atOnce bool
	// refill takes the tables as the last play left them, and fills them anew: making tables on all servers takes most of a play's time.
	refill bool
}

// atOnceTries is how often the servers race before an anomaly counts as not seen.
const atOnceTries = 10

// playApart plays a schedule on several servers until a play lets the anomaly through. None: the outcome is that of the first play, in the
// file's order.
func playApart(ctx context.Context, s *Schedule, at Place) (first *Outcome, through bool, how string, plays int, err error) {
	manners := []manner{{}, {inTurn: true}}
	for range atOnceTries {
		manners = append(manners, manner{atOnce: true}, manner{atOnce: true, inTurn: true})
	}
	_, plain := s.tables(at.Product)
	for i, m := range manners {
		m.refill = plain && i > 0
		o, err := play(ctx, s, at, m)
		if err != nil {
			return nil, false, "", i, err
		}
		if through, how := o.Let(); through {
			return o, true, how, i + 1, nil
		}
		if first == nil {
			first = o
			_, how = o.Let()
		}
	}
	return first, false, how, len(manners), nil
}

// tables are those that the set-up makes; plain: it makes tables, then fills them, and does nothing else.
func (s *Schedule) tables(product string) (all []string, plain bool) {
	for _, st := range s.Setup {
		words := strings.Fields(st.SQL)
		switch first, second := firstWords(st.SQL); {
		case !st.Only.Has(product) || first == "INSERT":
		case first == "CREATE" && second == "TABLE" && len(words) > 2:
			name, _, _ := strings.Cut(words[2], "(")
			all = append(all, name)
		default:
			return nil, false
		}
	}
	return all, true
}

// emptied is the set-up where its tables are there already.
func (s *Schedule) emptied(product string) []Statement {
	var all []Statement
	tables, _ := s.tables(product)
	for _, table := range slices.Backward(tables) { // those that refer to others are made last
		all = append(all, Statement{SQL: "DELETE FROM " + table})
	}
	for _, st := range s.Setup {
		if first, _ := firstWords(st.SQL); first == "INSERT" {
			all = append(all, st)
		}
	}
	return all
}

// putOff reports whether a session's turn comes later: it is about to write while another has written and not committed.
func (p *player) putOff(m *session) bool {
	sql := m.played[m.now].Step.SQL
	if !p.manner.inTurn || Answers(sql) || begins(sql) || ends(sql) || takesBack(sql) {
		return false
	}
	return slices.ContainsFunc(p.sessions, func(other *session) bool { return other != m && other.wrote })
}

// with are the sessions that commit at the same time as one that has its turn.
func (p *player) with(chosen int) (all []int) {
	commits := func(m *session) bool { return strings.EqualFold(m.played[m.now].Step.SQL, "COMMIT") }
	if !p.manner.atOnce || !commits(p.sessions[chosen]) {
		return nil
	}
	for i, m := range p.sessions {
		if i != chosen && p.crew.Ready(i) && commits(m) {
			all, p.order = append(all, i), append(p.order, m.step())
		}
	}
	return all
}

// applied waits for the servers before the next turn, unless they are to race.
func (p *player) applied(ctx context.Context) {
	if p.manner.atOnce || p.at.Server.Servers() == 1 {
		return
	}
	if err := p.at.Server.Applied(ctx); err != nil && ctx.Err() == nil {
		p.err = fmt.Errorf("%s: %w", p.schedule.File, err)
	}
}
