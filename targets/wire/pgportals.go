package wire

// mostSpares is how many turns and portals are kept to be used again, and spareBytes the most that one of them holds.
const (
	mostSpares = 64
	spareBytes = 64 << 10
)

func (p *postgres) bind(c *cursor) {
	name := c.name()
	s := p.statement(c.name())
	p.drop(string(name))
	portal := p.newPortal()
	portal.statement, portal.size = s, overhead+len(p.in.body)*2
	if p.in.cut() {
		portal.read, portal.unread = true, "longer than what is kept"
	} else {
		portal.bound = append(portal.bound, c.b...)
	}
	p.portals[string(name)] = portal
	p.remember(&p.fromClient, portal.size)
	r := Request{Kind: Bind, Name: p.named(name), SQL: s.sql, Cut: s.cut || p.in.cut(), Control: s.control}
	if !p.quiet {
		p.readBound(portal)
		r.Params, r.Unread = portal.params, portal.unread
	}
	p.push(r, 0, pgTurn{portal: portal})
}

// newPortal is one that nobody has.
func (p *postgres) newPortal() *pgPortal {
	n := len(p.spares)
	if n == 0 {
		return &pgPortal{}
	}
	portal := p.spares[n-1]
	p.spares = p.spares[:n-1]
	*portal = pgPortal{bound: portal.bound[:0], shape: portal.shape[:0]}
	return portal
}

func (p *postgres) drop(name string) {
	portal := p.portals[name]
	if portal == nil {
		return
	}
	p.remember(&p.fromClient, -portal.size)
	portal.size = 0
	delete(p.portals, name)
	if p.waiting.len() == 0 && len(p.spares) < mostSpares && cap(portal.bound)+cap(portal.shape) <= spareBytes { // no turn has it
		p.spares = append(p.spares, portal)
	}
}

// readBound reads what a portal was bound with.
func (p *postgres) readBound(portal *pgPortal) {
	if portal.read {
		return
	}
	portal.read = true
	c := &cursor{b: portal.bound}
	if portal.params = pgParams(c, portal.statement.types); c.bad {
		portal.params, portal.unread = nil, malformed
		return
	}
	portal.formats = formats(c)
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

func pgParams(c *cursor, types []uint32) (params []Value) {
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

// shown is what the columns of a portal look like.
func (p *postgres) shown(portal *pgPortal) []Column {
	if portal.columns == nil && len(portal.shape) > 0 {
		portal.columns = pgColumns(&cursor{b: portal.shape})
	}
	if portal.columns != nil {
		return portal.columns
	}
	p.readBound(portal)
	columns := append([]Column(nil), portal.statement.columns...)
	for i := range columns {
		columns[i].Binary = formatOf(portal.formats, i)
	}
	return columns
}
