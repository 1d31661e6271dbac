package wire

import (
	"encoding/binary"
	"strconv"
)

// Codes that a client may begin with instead of a protocol's version, and the most that a first message has (PostgreSQL manual,
// "Message Formats"; src/include/libpq/pqcomm.h).
const (
	cancelRequest = 80877102
	sslRequest    = 80877103
	gssRequest    = 80877104
	maxStartup    = 10000
	majorVersion  = 3
)

// begin takes in what the client begins with, and holds it until it is whole.
func (p *postgres) begin(b []byte) (on []byte) {
	if p.opt.Overhear {
		on = b
	}
	p.start = append(p.start, b...)
	for !p.started && !p.opaque {
		whole, ok := p.first()
		if !ok {
			return on
		}
		if !p.opt.Overhear && p.declined {
			p.declined = false
			p.start = p.start[len(whole):]
			continue
		}
		p.start = p.start[len(whole):]
		if !p.opt.Overhear {
			on = append(on, whole...)
		}
	}
	if p.opaque {
		return on
	}
	rest := p.start
	p.start = nil
	if !p.opt.CommitsOnly {
		p.requestsIn(rest)
	}
	if p.opt.Overhear {
		return on
	}
	return append(on, rest...)
}

// first takes in the first message of p.start, and returns it; ok: it is whole.
func (p *postgres) first() (whole []byte, ok bool) {
	d := &p.fromClient
	if len(p.start) < 4 {
		return nil, false
	}
	length := binary.BigEndian.Uint32(p.start)
	if length < 8 || length > maxStartup {
		p.giveUp(d, "the client does not begin as PostgreSQL's do")
		return nil, false
	}
	if len(p.start) < int(length) {
		return nil, false
	}
	whole = p.start[:length]
	c := cursor{b: whole[4:]}
	code := uint32(c.big32())
	if (code == sslRequest || code == gssRequest) && !p.opt.Overhear {
		p.declined = true
		d.back = append(d.back, 'N')
	} else {
		d.at += int64(length)
	}
	switch {
	case code == sslRequest || code == gssRequest:
		if p.opt.Overhear {
			p.asked++
		}
		p.request(&Request{Kind: Encryption, Last: true, Name: map[uint32]string{sslRequest: "SSL", gssRequest: "GSS"}[code]})
	case code == cancelRequest:
		p.request(&Request{Kind: Cancel, Name: strconv.FormatUint(uint64(uint32(c.big32())), 10), Last: true})
		p.giveUp(d, "the connection only cancels another's statement")
		return nil, false
	case code>>16 == majorVersion:
		p.login(&c)
	default:
		p.giveUp(d, "the client begins with a version of PostgreSQL's protocol that is not read")
		return nil, false
	}
	return whole, true
}

// login takes in a startup message.
func (p *postgres) login(c *cursor) {
	p.started = true
	settings := map[string]string{}
	for len(c.b) > 1 && !c.bad {
		name := c.text()
		settings[name] = c.text()
	}
	r := &Request{Kind: Login, Name: settings["user"], Attributes: settings, Last: true}
	p.session.User, p.session.Database = r.Name, settings["database"]
	if p.session.Database == "" {
		p.session.Database = r.Name
	}
	p.push(*r, 0, pgTurn{simple: true})
	if settings["replication"] != "" && settings["replication"] != "false" {
		p.giveUp(&p.fromClient, "the connection is for replication")
	}
}
