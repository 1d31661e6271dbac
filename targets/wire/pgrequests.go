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
		switch {
		case bad:
			p.giveUp(&p.fromClient, "the client sent what is no message of PostgreSQL's protocol")
		case whole:
			p.requested(p.in.head[0])
			p.in.spare()
		}
	}
}

// keepRequest says how much of a message is kept. Data is only counted.
func (p *postgres) keepRequest(kind byte, _ int) int {
	if kind == 'd' || kind == 'p' {
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
		r := &Request{Kind: Query, SQL: sql, Cut: p.in.cut(), Last: true}
		r.Control, _ = controls(sql, pgGrammar)
		p.push(r, len(sql), nil)
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
		p.request(&Request{Kind: Flush, Last: true})
	case 'F':
		p.push(&Request{Name: "function call", Last: true}, 0, nil)
	case 'd':
		p.sent += int64(p.in.size)
	case 'c':
		p.copied("done")
	case 'f':
		p.copied(c.beginning())
	case 'p': // of the login
	case 'X':
		p.request(&Request{Kind: Quit, Last: true})
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
	p.push(&Request{Kind: Prepare, Name: name, SQL: sql, Cut: s.cut, Control: s.control}, 0, &pgTurn{statement: s})
}

// forget stops remembering a statement.
func (p *postgres) forget(s *pgStatement) {
	if s != nil {
		p.remember(&p.fromClient, -s.size)
		s.size = 0
	}
}

func (p *postgres) drop(name string) {
	if portal := p.portals[name]; portal != nil {
		p.remember(&p.fromClient, -portal.size)
		portal.size = 0
		delete(p.portals, name)
	}
}

// statement is the one of that name; where the Conn did not see it prepared, one without a text.
func (p *postgres) statement(name string) *pgStatement {
	if s := p.statements[name]; s != nil {
		return s
	}
	return &pgStatement{cut: true}
}

func (p *postgres) bind(c *cursor) {
	name := c.text()
	s := p.statement(c.text())
	portal := &pgPortal{statement: s, size: overhead + len(p.in.body)*2}
	if p.in.cut() {
		portal.unread = "longer than what is kept"
	} else if portal.params = p.params(c, s.types); c.bad {
		portal.params, portal.unread = nil, "the message is malformed"
	}
	p.drop(name)
	p.portals[name] = portal
	p.remember(&p.fromClient, portal.size)
	p.push(&Request{
		Kind: Bind, Name: name, SQL: s.sql, Cut: s.cut || p.in.cut(), Params: portal.params, Unread: portal.unread, Control: s.control,
	}, 0, &pgTurn{portal: portal})
	if portal.unread == "" {
		portal.formats = formats(c)
	}
}

// formats reads the codes of a list: 0 for text, 1 for binary.
func formats(c *cursor) (codes []int) {
	for range max(0, c.big16()) {
		if code := c.big16(); !c.bad {
			codes = append(codes, code)
		}
	}
	return codes
}

// formatOf is the i-th of a list, of which one stands for all and none for text.
func formatOf(codes []int, i int) (binary bool) {
	switch {
	case len(codes) == 1:
		return codes[0] == 1
	case i < len(codes):
		return codes[i] == 1
	}
	return false
}

func (p *postgres) params(c *cursor, types []uint32) (params []Value) {
	codes := formats(c)
	for i := range max(0, c.big16()) {
		var t uint32
		if i < len(types) {
			t = types[i]
		}
		v := pgValue(c, t, formatOf(codes, i))
		if c.bad {
			break
		}
		params = append(params, v)
	}
	return params
}

// describe and close name a statement (S) or a portal (P).
func (p *postgres) describe(c *cursor) {
	turn := &pgTurn{}
	r := &Request{Kind: Describe}
	if what := c.byte(); what == 'S' {
		r.Name = c.text()
		turn.statement = p.statement(r.Name)
		r.SQL, r.Cut = turn.statement.sql, turn.statement.cut
	} else {
		r.Name = c.text()
		if turn.portal = p.portals[r.Name]; turn.portal != nil {
			r.SQL, r.Cut = turn.portal.statement.sql, turn.portal.statement.cut
		}
	}
	p.push(r, 0, turn)
}

func (p *postgres) close(c *cursor) {
	r := &Request{Kind: Close}
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
	p.push(r, 0, &pgTurn{})
}

func (p *postgres) execute(c *cursor) {
	r := &Request{Kind: Execute, Name: c.text()}
	turn := &pgTurn{portal: p.portals[r.Name]}
	if portal := turn.portal; portal != nil {
		s := portal.statement
		r.SQL, r.Cut, r.Control, r.Params, r.Unread = s.sql, s.cut, s.control, portal.params, portal.unread
	} else {
		r.Cut, r.Unread = true, "the portal is not known"
	}
	p.push(r, 0, turn)
}

// sync ends a batch. Within COPY the server does not look at it.
func (p *postgres) sync() {
	r := &Request{Kind: Sync, Last: true}
	if p.copying {
		p.request(r)
		return
	}
	p.push(r, 0, &pgTurn{})
}

// copied takes in the end of the data for COPY.
func (p *postgres) copied(how string) {
	p.request(&Request{Kind: CopyIn, Name: strings.Clone(how), Bytes: p.sent, Last: true})
	p.sent = 0
	p.copying = false
}
