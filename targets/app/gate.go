package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// gates are a lane's: a statement whose inside can matter is let go in two steps. It stops between what it reads and what it writes, and
// is held there like one that was not sent on.
type gates struct {
	missing string                 // why there are none; empty: there are
	shut    map[*proxy.Conn]bool   // gates that are closed now
	levels  map[harness.Level]bool // that the program has asked for
}

// installGates puts gates on the tables.
func (l *Lane) installGates(ctx context.Context) {
	l.gates = gates{shut: map[*proxy.Conn]bool{}, levels: map[harness.Level]bool{}}
	if l.program.options.Whole {
		l.gates.missing = "statements are to be played whole"
	} else if err := l.store.InstallGates(ctx); err != nil {
		l.gates.missing = "the database has no gates for it: " + strings.Join(strings.Fields(err.Error()), " ")
	}
}

// reach is how far gates reach: at the level of the program's sessions, and at those that it has asked for.
func (l *Lane) reach() database.Reach {
	r := l.program.engine.Reach(l.program.Level())
	for level := range l.gates.levels {
		o := l.program.engine.Reach(level)
		if o.None == "" {
			r.None = ""
		}
		r.First = r.First && o.First
	}
	return r
}

// divide says whether a statement that has come is to be let go in two steps, and why not: its inside was not tried then.
func (l *Lane) divide(h *held) {
	h.full = h.Step
	reach := l.reach()
	switch {
	case h.Locks && h.Writes == 0:
		l.untried("of statements that lock what they read")
	case h.Writes == 0 && !h.Inside:
	case !h.Inside:
		l.untried("of statements that only add rows, or name theirs by a key")
	case l.gates.missing != "":
		l.untried("of any statement: " + l.gates.missing)
	case reach.None != "" && !h.Unseen():
		l.untried("of statements " + reach.None)
	case reach.First && h.batch.Inside && l.begins[h.batch.Conn] == "": // it sees what the transaction's first saw
	default:
		h.divided = true
		if h.Unseen() {
			l.untried("of procedures, functions and code behind their first write, which lastseat run tries")
		}
		if reach.Always && h.Stops {
			h.Step = explore.Step{Point: harness.AtRead, Table: h.Step.Table, Cells: h.Reads, Fresh: true}
		}
	}
}

// untried notes of which statements the inside is not tried.
func (l *Lane) untried(which string) {
	if !slices.Contains(l.facts.Whole, which) {
		l.facts.Whole = append(l.facts.Whole, which)
	}
}

// shutGate closes the gate before a statement that is divided, as long as somebody else may do something meanwhile.
func (l *Lane) shutGate(p *player, h *held) error {
	if !h.divided || !slices.ContainsFunc(l.players, func(o *player) bool { return o != p && !o.done }) {
		h.Step, h.divided = h.full, false
		return nil
	}
	l.gates.shut[h.batch.Conn] = true
	return l.store.CloseGate(l.ctx, h.batch.Conn.ID())
}

// goOn lets a statement go on that stands at its gate.
func (l *Lane) goOn(p *player, h *held) error {
	f := l.flight(h)
	f.opened = true
	p.out = append(p.out, f)
	p.moved, p.parked = f.since, false
	l.turns = append(l.turns, explore.Turn{Client: h.actor, Step: h.Step})
	l.record = append(l.record, turn{client: h.actor / slots, batch: h.batch, until: -1, Statement: h.Statement, part: program.Rest})
	if err := l.openGate(h.batch.Conn); err != nil {
		return err
	}
	return l.settle(h.Step.Ends)
}

func (l *Lane) openGate(c *proxy.Conn) error {
	delete(l.gates.shut, c)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), l.program.options.Limit)
	defer cancel()
	return l.store.OpenGate(ctx, c.ID())
}

// tidy opens the gates at which nobody stands or is about to come: of statements that were answered without, and of those that are not
// held any more.
func (l *Lane) tidy() error {
	for c := range l.gates.shut {
		if slices.ContainsFunc(l.players, func(p *player) bool { return p.concerns(c) }) {
			continue
		}
		if err := l.openGate(c); err != nil {
			return err
		}
	}
	return nil
}

// concerns reports whether a client has a statement at the closed gate of a connection, or on the way there.
func (p *player) concerns(c *proxy.Conn) bool {
	return slices.ContainsFunc(p.out, func(f flight) bool { return f.divided != nil && f.batch.Conn == c }) ||
		slices.ContainsFunc(p.held[:], func(h *held) bool { return h != nil && h.stands && h.batch.Conn == c })
}

// atGates asks who stands at a gate, and holds their statements there.
func (l *Lane) atGates() error {
	var sessions []uint64
	for _, p := range l.players {
		for i := range p.out {
			if p.out[i].divided != nil {
				sessions = append(sessions, p.out[i].batch.Conn.ID())
			}
		}
	}
	if len(sessions) == 0 {
		return nil
	}
	at, err := l.store.AtGate(l.ctx, sessions)
	if err != nil {
		return err
	}
	for _, p := range l.players {
		for i := len(p.out) - 1; i >= 0; i-- {
			if f := p.out[i]; f.divided != nil && at[f.batch.Conn.ID()] {
				p.out = append(p.out[:i], p.out[i+1:]...)
				l.stop(p, f)
			}
		}
	}
	return nil
}

// passing says which sessions still stand at a gate that is open: they are about to go on, and wait for no lock. What stands there for long
// waits for one of the program's own.
func (l *Lane) passing() (map[uint64]bool, error) {
	var sessions []uint64
	for _, p := range l.players {
		for i := range p.out {
			if f := &p.out[i]; f.opened && time.Since(f.since) < firstWait {
				sessions = append(sessions, f.batch.Conn.ID())
			}
		}
	}
	if len(sessions) == 0 {
		return nil, nil
	}
	return l.store.AtGate(l.ctx, sessions)
}

// stop holds a statement at its gate.
func (l *Lane) stop(p *player, f flight) {
	h := *f.divided
	slot := l.turns[f.turn].Client % slots
	if p.held[slot] != nil {
		slot = slices.Index(p.held[:], nil)
	}
	if slot < 0 { // there is no room: it goes on, and is one step
		h.divided = false
		return
	}
	h.stands, h.divided, h.Step = true, false, h.full
	h.actor = l.turns[f.turn].Client - l.turns[f.turn].Client%slots + slot
	p.held[slot] = &h
	p.moved = time.Now()
	t := &l.turns[f.turn]
	if !l.reach().Always || !h.Stops {
		t.Step.Ends = false // it may hold locks by now
	}
	r := &l.record[f.turn]
	r.part, r.Writes = program.Reading, 0
	l.facts.Inside++
	if f.noted {
		t.BlockedUntil, r.until = len(l.turns), len(l.turns)-1
		l.doubt()
	}
}

// undivided notes that a statement was answered at once that could have stood at its gate, or that it was ended there.
func (l *Lane) undivided(f *flight) {
	if f.divided == nil {
		return
	}
	l.turns[f.turn].Step = f.divided.full
	sql, _ := textOf(f.batch)
	const most = 60
	if len(sql) > most {
		sql = sql[:most] + "…"
	}
	l.untried("of a statement that came to no gate (" + sql + ")")
}

// ended forgets a statement that was ended at its gate.
func (p *player) ended(b *proxy.Batch) {
	for i, h := range p.held {
		if h != nil && h.stands && h.batch == b {
			p.held[i] = nil
		}
	}
}

// pass lets a statement go that is held no more.
func (h *held) pass() {
	if !h.stands { // its gate is opened by tidy
		close(h.release)
	}
}
