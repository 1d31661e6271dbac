package wire

import "strings"

// pgGrammar is that of PostgreSQL's SQL.
var pgGrammar = grammar{dollar: true, nested: true}

func (p *postgres) client(b []byte) (on []byte) {
	if !p.started {
		return p.begin(b)
	}
	if !p.opt.CommitsOnly { // answers alone show commits
		p.requestsIn(b)
	}
	return b
}

func (p *postgres) requestsIn(b []byte) {
	for len(b) > 0 && !p.opaque {
		n, whole, bad := p.in.take(b, p.keepRequest)
		p.fromClient.at += int64(n)
		b = b[n:]
		kind := p.in.head[0]
		if data := kind == 'd'; (whole || p.in.have == len(p.in.head)) && (data || p.quiet && !whole) {
			p.free()
		}
		switch {
		case bad:
			p.giveUp(&p.fromClient, "the client sent what is no message of PostgreSQL's protocol")
		case whole:
			quiet := p.quiet
			p.requested(kind)
			p.in.spare()
			if quiet && !p.opaque {
				p.free()
			}
		}
	}
}

// keepRequest says how much of a message is kept. Data is only counted, and goes on with the batch before it.
func (p *postgres) keepRequest(kind byte, _ int) int {
	if kind == 'd' || kind == 'p' {
		return 0
	}
	if kind != 'c' && kind != 'f' {
		p.begins()
	}
	if p.quiet && kind == 'Q' {
		return 0
	}
	return p.opt.Request
}

// requested takes in a message of the client.
func (p *postgres) requested(kind byte) {
	c := &cursor{b: p.in.body}
	switch kind {
	case 'Q':
		sql := c.beginning()
		r := Request{Kind: Query, SQL: sql, Cut: p.in.cut(), Last: true}
		r.Control, _ = controls(sql, pgGrammar)
		p.push(r, len(sql), pgTurn{simple: true})
	case 'P':
		p.parse(c)
	case 'B':
		p.bind(c)
	case 'D':
		p.describe(c)
	case 'E':
		p.execute(c)
	case 'C':
		p.close(c)
	case 'S':
		p.sync()
	case 'H':
		p.note(Request{Kind: Flush, Last: true})
	case 'F':
		p.push(Request{Name: "function call", Last: true}, 0, pgTurn{simple: true})
	case 'd':
		p.sent += int64(p.in.size)
	case 'c':
		p.copied("done")
	case 'f':
		p.copied(c.beginning())
	case 'p': // of the login
	case 'X':
		p.note(Request{Kind: Quit, Last: true})
	default:
		p.giveUp(&p.fromClient, "the client sent a message that PostgreSQL's protocol does not have")
	}
}

func (p *postgres) parse(c *cursor) {
	name := c.text()
	sql := c.beginning()
	s := &pgStatement{sql: sql, cut: p.in.cut(), size: len(sql) + len(name) + overhead}
	s.control, _ = controls(sql, pgGrammar)
	c.text()
	if !s.cut {
		for range max(0, c.big16()) {
			if t := uint32(c.big32()); !c.bad {
				s.types = append(s.types, t)
			}
		}
	}
	p.forget(p.statements[name])
	p.statements[name] = s
	p.remember(&p.fromClient, s.size)
	p.push(Request{Kind: Prepare, Name: name, SQL: sql, Cut: s.cut, Control: s.control}, 0, pgTurn{statement: s})
}

// forget stops remembering a statement.
func (p *postgres) forget(s *pgStatement) {
	if s != nil {
		p.remember(&p.fromClient, -s.size)
		s.size = 0
	}
}

// statement is the one of that name; where the Conn did not see it prepared, one without a text.
func (p *postgres) statement(name []byte) *pgStatement {
	if s := p.statements[string(name)]; s != nil {
		return s
	}
	return &pgStatement{cut: true}
}

// describe and close name a statement (S) or a portal (P).
func (p *postgres) describe(c *cursor) {
	var turn pgTurn
	r := Request{Kind: Describe}
	if what, name := c.byte(), c.name(); what == 'S' {
		turn.statement = p.statement(name)
		r.Name, r.SQL, r.Cut = p.named(name), turn.statement.sql, turn.statement.cut
	} else {
		r.Name = p.named(name)
		if turn.portal = p.portals[string(name)]; turn.portal != nil {
			r.SQL, r.Cut = turn.portal.statement.sql, turn.portal.statement.cut
		}
	}
	p.push(r, 0, turn)
}

func (p *postgres) close(c *cursor) {
	r := Request{Kind: Close}
	if what := c.byte(); what == 'S' {
		r.Name = c.text()
		if s := p.statements[r.Name]; s != nil {
			r.SQL, r.Cut = s.sql, s.cut
			p.forget(s)
			delete(p.statements, r.Name)
		}
	} else {
		r.Name = c.text()
		p.drop(r.Name)
	}
	p.push(r, 0, pgTurn{})
}

func (p *postgres) execute(c *cursor) {
	name := c.name()
	r := Request{Kind: Execute, Name: p.named(name)}
	turn := pgTurn{portal: p.portals[string(name)]}
	switch portal := turn.portal; {
	case p.quiet:
	case portal != nil:
		p.readBound(portal)
		s := portal.statement
		r.SQL, r.Cut, r.Control, r.Params, r.Unread = s.sql, s.cut, s.control, portal.params, portal.unread
	default:
		r.Cut, r.Unread = true, "the portal is not known"
	}
	p.push(r, 0, turn)
}

// named is the name of something, for those who listen.
func (p *postgres) named(name []byte) string {
	if p.quiet {
		return ""
	}
	return string(name)
}

// note adds a request that has no answer.
func (p *postgres) note(r Request) { p.request(&r) }

// sync ends a batch. Within COPY the server does not look at it.
func (p *postgres) sync() {
	r := Request{Kind: Sync, Last: true}
	if p.copying {
		p.note(r)
		return
	}
	p.push(r, 0, pgTurn{})
}

// copied takes in the end of the data for COPY.
func (p *postgres) copied(how string) {
	p.note(Request{Kind: CopyIn, Name: strings.Clone(how), Bytes: p.sent, Last: true})
	p.sent = 0
	p.copying = false
}
