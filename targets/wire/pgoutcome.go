package wire

import (
	"bytes"
	"strconv"
)

// complete takes in a command's tag (UPDATE 2, INSERT 0 1, COMMIT).
func (p *postgres) complete(tag []byte, turn *pgTurn) {
	a := p.open()
	if !p.hush(turn) {
		a.Tag = string(tag)
	}
	p.counts.Statements++
	verb, count, _ := bytes.Cut(tag, []byte{' '})
	if at := bytes.LastIndexByte(count, ' '); at >= 0 {
		count = count[at+1:]
	}
	a.Affected, _ = strconv.ParseInt(string(count), 10, 64)
	switch string(verb) {
	case "SET", "RESET", "SHOW", "DISCARD", "DEALLOCATE", "PREPARE", "LISTEN", "UNLISTEN":
	default:
		p.ran = true
	}
	switch string(verb) {
	case "INSERT", "UPDATE", "DELETE", "MERGE":
		p.wrote = p.wrote || a.Affected > 0
	case "COPY":
		p.wrote = p.wrote || p.data && a.Affected > 0
	case "BEGIN", "START":
		p.state = Inside
	case "COMMIT":
		a.Commit = true
		p.state = Idle
	case "ROLLBACK":
		if len(tag) == len(verb) {
			p.state = p.rolledBack(turn)
		}
	}
	p.data = false
	p.finish(turn != nil && !turn.simple)
}

// rolledBack is the state after a rollback: to a savepoint, the transaction goes on.
func (p *postgres) rolledBack(turn *pgTurn) State {
	if p.state != Idle && turn != nil && turn.Control&RollsBack == 0 && turn.Kind == Execute {
		return Inside
	}
	return Idle
}

// failed takes in an error: what came before it in this batch is rolled back, and the server looks at nothing before the next Sync.
func (p *postgres) failed(c *cursor, turn *pgTurn) {
	a := p.open()
	a.Error = pgError(c)
	p.counts.refused(*a.Error, 1)
	if turn != nil && (turn.Kind == Query || turn.Kind == Execute) {
		p.counts.Statements++
		p.ran = true
	}
	p.wrote, p.copying, p.data = false, false, false
	if p.state == Inside {
		p.state = Failed
	}
	syncs := turn == nil || turn.syncs()
	p.finish(!syncs)
	if syncs {
		return
	}
	p.skipping = true
	p.skip()
}

// skip answers for the requests that the server does not look at.
func (p *postgres) skip() {
	for p.skipping && p.waiting.len() > 0 {
		turn := p.waiting.head()
		if turn.Kind == Sync {
			p.skipping = false
			return
		}
		p.pop()
		p.skipped(turn)
	}
}

// skipped answers for a request that the server has not looked at.
func (p *postgres) skipped(turn *pgTurn) {
	if !turn.quiet {
		p.answer(&Answer{To: turn.ID, Last: true, Skipped: true, State: p.state, Autocommit: true}, false)
	}
}

// ready takes in that the server waits for the next request. Requests that it has not answered by then it never will.
func (p *postgres) ready(status byte) {
	p.skip()
	p.skipping = false
	p.copying = false
	switch status {
	case 'T':
		p.state = Inside
	case 'E':
		p.state = Failed
	default:
		p.state = Idle
	}
	if status == 'I' && p.ran {
		p.counts.Transactions++
		p.ran = false
	}
	for turn := p.waiting.head(); turn != nil && !turn.syncs(); turn = p.waiting.head() {
		p.pop()
		p.skipped(turn)
	}
	p.under = nil
	a := p.open()
	a.Ready, a.Commit = true, p.wrote && status == 'I'
	p.wrote = false
	p.finish(true)
	if p.state == Idle && p.waiting.len() == 0 {
		for name := range p.portals {
			p.drop(name)
		}
	}
}

// copyIn begins to take data. A Sync that the client sent with the statement is not looked at (manual, "COPY Operations").
func (p *postgres) copyIn() {
	p.copying, p.data = true, true
	turn := p.waiting.head()
	if turn == nil || turn.simple {
		return
	}
	others := p.waiting.items[p.waiting.from+1:]
	kept := p.waiting.items[:p.waiting.from+1]
	for _, next := range others {
		if next.Kind == Sync {
			p.remember(&p.fromServer, -next.size)
			p.waited(next.quiet)
		} else {
			kept = append(kept, next)
		}
	}
	p.waiting.items = kept
}
