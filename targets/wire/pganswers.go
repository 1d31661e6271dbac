package wire

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
		p.answer(&Answer{To: p.requests, Last: true}, false)
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
	case kind == 'D' && !p.opt.CommitsOnly && !p.hush(p.waiting.head()):
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
		if turn := p.waiting.head(); turn != nil && turn.Kind == Execute && turn.portal != nil && !turn.quiet {
			p.under.Columns = p.shown(turn.portal)
		}
	}
	return p.under
}

// finish hands out the answer that came in, to the request that has waited longest. last: it is done with.
func (p *postgres) finish(last bool) {
	a := p.open()
	p.under = nil
	turn := p.waiting.head()
	if turn != nil {
		a.To = turn.ID
	}
	if a.Last = last; last {
		p.pop()
	}
	a.Notices, p.notes = p.notes, nil
	a.State = p.state
	p.answer(a, p.hush(turn))
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
		if p.hush(turn) {
			break
		}
		p.kept.add(a, &p.opt, p.out.body, p.out.cut(), func(b []byte) ([]Value, bool) { return pgRow(b, a.Columns) })
	case 'C':
		p.complete(c.before(), turn)
	case 'I', 's': // nothing to be done; there are more rows
		p.ran = p.ran || kind == 's'
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
		if !p.hush(turn) {
			p.remark(c)
		}
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
func (p *postgres) described(c *cursor, turn *pgTurn, rows bool) {
	if p.opt.CommitsOnly {
		return
	}
	a := p.open()
	describes := turn != nil && turn.Kind == Describe
	var columns []Column
	if rows && (!p.hush(turn) || describes && turn.statement != nil) {
		columns = pgColumns(c)
	}
	a.Columns = columns
	if !describes {
		return
	}
	if turn.statement != nil {
		turn.statement.columns = columns
		p.grow(&turn.statement.size)
	} else if turn.portal != nil {
		turn.portal.shape, turn.portal.columns = append(turn.portal.shape[:0], c.b...), columns
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
