package wire

import (
	"strconv"
	"strings"
)

// answerKept bounds what is kept of an answer's messages other than rows: errors, remarks, descriptions.
const answerKept = 1 << 20

func (p *postgres) server(b []byte) (on []byte) {
	on = b
	d := &p.fromServer
	for len(b) > 0 && p.asked > 0 {
		p.asked--
		d.at++
		if b[0] != 'N' {
			p.giveUp(d, "the connection is encrypted")
			return on
		}
		p.answer(&Answer{To: p.requests, Last: true})
		b = b[1:]
	}
	for len(b) > 0 && !p.opaque {
		n, whole, bad := p.out.take(b, p.keepAnswer)
		d.at += int64(n)
		b = b[n:]
		switch {
		case bad:
			p.giveUp(d, "the server sent what is no message of PostgreSQL's protocol")
		case whole:
			p.answered(p.out.head[0])
			p.out.spare()
		}
	}
	return on
}

// keepAnswer says how much of a message is kept. What shows commits is short.
func (p *postgres) keepAnswer(kind byte, size int) int {
	switch {
	case kind == 'D' && !p.opt.CommitsOnly:
		if room := p.kept.room(p.open(), &p.opt); size <= room {
			return size
		}
		return 0
	case kind == 'd', kind == 'D':
		return 0
	case p.opt.CommitsOnly:
		return sparseRequest
	}
	return answerKept
}

// open is the answer that is coming in.
func (p *postgres) open() *Answer {
	if p.under == nil {
		p.under = p.newAnswer()
		p.under.Autocommit = true
		p.kept = rows{}
		if turn := p.waiting.head(); turn != nil && turn.Kind == Execute && turn.portal != nil {
			p.under.Columns = turn.portal.shown()
		}
	}
	return p.under
}

// shown is what the columns of a portal look like.
func (portal *pgPortal) shown() []Column {
	if portal.columns != nil {
		return portal.columns
	}
	columns := append([]Column(nil), portal.statement.columns...)
	for i := range columns {
		columns[i].Binary = formatOf(portal.formats, i)
	}
	return columns
}

// finish hands out the answer that came in, to the request that has waited longest. last: it is done with.
func (p *postgres) finish(last bool) {
	a := p.open()
	p.under = nil
	if turn := p.waiting.head(); turn != nil {
		a.To = turn.ID
	}
	if a.Last = last; last {
		p.pop()
	}
	a.Notices, p.notes = p.notes, nil
	a.State = p.state
	p.answer(a)
}

// answered takes in a message of the server.
func (p *postgres) answered(kind byte) {
	c := &cursor{b: p.out.body}
	turn := p.waiting.head()
	switch kind {
	case '1', '2', '3', 'V': // parsed, bound, closed, a function's value: its Z comes yet
		p.finish(kind != 'V')
	case 't':
		p.parameters(c, turn)
	case 'T', 'n':
		p.described(c, turn, kind == 'T')
	case 'D':
		a := p.open()
		p.kept.add(a, &p.opt, p.out.body, p.out.cut(), func(b []byte) ([]Value, bool) { return pgRow(b, a.Columns) })
	case 'C':
		p.complete(c.beginning(), turn)
	case 'I', 's': // nothing to be done; there are more rows
		p.finish(turn != nil && !turn.simple)
	case 'E':
		p.failed(c, turn)
	case 'Z':
		p.ready(c.byte())
	case 'G':
		p.copyIn()
	case 'H': // a copy begins
	case 'd':
		p.open().Bytes += int64(p.out.size)
	case 'c': // it ends
	case 'N':
		p.remark(c)
	case 'S':
		if c.text() == "server_version" {
			p.session.Server = c.text()
		}
	case 'K':
		p.session.ID = uint64(uint32(c.big32()))
	case 'R', 'A', 'v': // of the login; a notification; of the version
	case 'W':
		p.giveUp(&p.fromServer, "the connection is for replication")
	default:
		p.giveUp(&p.fromServer, "the server sent a message that PostgreSQL's protocol does not have")
	}
}

// parameters takes in the types of a statement's parameters.
func (p *postgres) parameters(c *cursor, turn *pgTurn) {
	if turn == nil || turn.statement == nil {
		return
	}
	var types []uint32
	for range max(0, c.big16()) {
		if t := uint32(c.big32()); !c.bad {
			types = append(types, t)
		}
	}
	turn.statement.types = types
	p.grow(&turn.statement.size)
}

// described takes in what rows look like: those of a description, or those that come next.
func (p *postgres) described(c *cursor, turn *pgTurn, any bool) {
	if p.opt.CommitsOnly {
		return
	}
	var columns []Column
	if any {
		columns = pgColumns(c)
	}
	a := p.open()
	a.Columns = columns
	if turn == nil || turn.Kind != Describe {
		return
	}
	if turn.statement != nil {
		turn.statement.columns = columns
		p.grow(&turn.statement.size)
	} else if turn.portal != nil {
		turn.portal.columns = columns
		p.grow(&turn.portal.size)
	}
	p.finish(true)
}

// grow counts what the message adds to what is remembered; 0 is the size of what has been forgotten since.
func (p *postgres) grow(size *int) {
	if *size > 0 {
		*size += 2 * len(p.out.body)
		p.remember(&p.fromServer, 2*len(p.out.body))
	}
}

func pgColumns(c *cursor) (columns []Column) {
	for range max(0, c.big16()) {
		var col Column
		col.Name = c.text()
		c.take(4 + 2)
		col.Type = uint32(c.big32())
		c.take(2 + 4)
		if col.Binary = c.big16() == 1; c.bad {
			break
		}
		columns = append(columns, col)
	}
	return columns
}

func pgRow(body []byte, columns []Column) (row []Value, ok bool) {
	c := &cursor{b: body}
	for i := range max(0, c.big16()) {
		var col Column
		if i < len(columns) {
			col = columns[i]
		}
		row = append(row, pgValue(c, col.Type, col.Binary))
		if c.bad {
			return nil, false
		}
	}
	return row, true
}

// complete takes in a command's tag (UPDATE 2, INSERT 0 1, COMMIT).
func (p *postgres) complete(tag string, turn *pgTurn) {
	a := p.open()
	a.Tag = tag
	verb, count := tag, ""
	if at := strings.LastIndexByte(tag, ' '); at >= 0 {
		count = tag[at+1:]
		verb, _, _ = strings.Cut(tag, " ")
	}
	a.Affected, _ = strconv.ParseInt(count, 10, 64)
	switch verb {
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
		if tag == "ROLLBACK" {
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
		p.answer(&Answer{To: turn.ID, Last: true, Skipped: true, State: p.state, Autocommit: true})
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
	for turn := p.waiting.head(); turn != nil && !turn.syncs(); turn = p.waiting.head() {
		p.pop()
		p.answer(&Answer{To: turn.ID, Last: true, Skipped: true, State: p.state, Autocommit: true})
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
	p.pop()
	var later []*pgTurn
	for p.waiting.len() > 0 {
		if next := p.pop(); next.Kind != Sync {
			later = append(later, next)
		}
	}
	for _, t := range append([]*pgTurn{turn}, later...) {
		p.remember(&p.fromServer, t.size)
		p.waiting.push(t)
	}
}

func (p *postgres) remark(c *cursor) {
	if e := pgError(c); len(p.notes) < maxNotices {
		p.notes = append(p.notes, e.Message[:min(len(e.Message), noticeBytes)])
	}
}

// pgError reads the fields of an error or a remark: C is the SQLSTATE, M the message.
func pgError(c *cursor) *Error {
	e := &Error{}
	for !c.bad {
		kind := c.byte()
		if kind == 0 {
			break
		}
		switch text := c.text(); kind {
		case 'C':
			e.Code = text
		case 'M':
			e.Message = text
		}
	}
	return e
}
