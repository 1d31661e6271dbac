package wire

// Capabilities that matter (MySQL source documentation, "Capabilities Flags").
const (
	canLongPassword = 1 << 0 // of MySQL; MariaDB leaves it out, and says more where MySQL says nothing
	canWithSchema   = 1 << 3
	canCompress     = 1 << 5
	canProtocol41   = 1 << 9
	canSSL          = 1 << 11
	canSecure       = 1 << 15
	canAuthLength   = 1 << 21
	canLeaveColumns = 1 << 25 // the columns of rows may be left out
	canDeprecateEOF = 1 << 24
	canZstd         = 1 << 26
	canAttributes   = 1 << 27
)

// Capabilities of MariaDB's own (MariaDB documentation, "Connecting"), which come in four bytes of their own.
const (
	canProgress       = 1 << 0
	canMoreMetadata   = 1 << 3
	canCacheMetadata  = 1 << 4
	declined          = canSSL | canCompress | canZstd
	greetingVersion   = 10
	longestVersion    = 512 // more than any server's
	versionAt         = 5   // bytes of head and packet before the version's text
	capabilitiesAfter = 4 + 8 + 1
)

// greeting goes through the server's first packet byte by byte, because its offers are cleared where they stand: clients then go on
// in the clear, or say that they would rather not ("Protocol::HandshakeV10").
type greeting struct {
	at      int // bytes of the stream seen
	version []byte
	end     int // where the text of the version has ended; 0: not yet
	id      uint32
	can     uint32
	more    uint32 // MariaDB's own
	size    int    // of the packet, with its head
	over    bool
}

// take goes through the next bytes, and returns how many belong to it. ok: it is a greeting so far.
func (g *greeting) take(b []byte, decline bool) (n int, ok bool) {
	for n < len(b) && !g.over {
		b[n] = g.byte(b[n], decline)
		n++
		if g.size < 0 {
			return n, false
		}
	}
	return n, true
}

// byte takes in one byte, and returns what becomes of it. size less than 0: this is no greeting.
func (g *greeting) byte(c byte, decline bool) byte {
	at := g.at
	g.at++
	behind := at - g.end - 1 // of the version's text
	switch {
	case at < 3:
		g.size |= int(c) << (8 * at)
	case at == 3:
		g.size += 4
	case at == 4 && c != greetingVersion:
		g.size = -1
		return c
	case at >= versionAt && g.end == 0:
		if c == 0 {
			g.end = at
		} else if g.version = append(g.version, c); len(g.version) > longestVersion {
			g.size = -1
			return c
		}
	case g.end > 0:
		c = g.field(behind, c, decline)
	}
	g.over = at >= 3 && g.at == g.size
	return c
}

// field takes in a byte of what comes after the version: the connection's number in 4, 8 of a scramble, a zero, 2 of capabilities,
// the character set, 2 of status, 2 of capabilities, the scramble's length, and 10 that are empty, of which MariaDB uses the last 4.
func (g *greeting) field(behind int, c byte, decline bool) byte {
	put := func(to *uint32, shift int) byte {
		if decline {
			c &^= byte(uint32(declined) >> shift)
		}
		*to |= uint32(c) << shift
		return c
	}
	switch i := behind - capabilitiesAfter; {
	case behind < 4:
		g.id |= uint32(c) << (8 * behind)
	case i == 0, i == 1:
		return put(&g.can, 8*i)
	case i == 5, i == 6:
		return put(&g.can, 8*(i-3))
	case i >= 14 && i < 18:
		g.more |= uint32(c) << (8 * (i - 14))
	}
	return c
}

// response takes in what the client answers to the greeting: how they will speak, and who it is.
func (m *mysql) response(c *cursor) {
	d := &m.fromClient
	m.responded = true
	m.can = uint32(c.little(4))
	switch {
	case c.bad || m.can&canProtocol41 == 0:
		m.giveUp(d, "the client speaks a version of MySQL's protocol that is not read")
		return
	case m.can&canSSL != 0 && m.in.size <= 32:
		m.giveUp(d, "the connection is encrypted")
		return
	}
	if m.greeting.over && m.greeting.can&canAttributes == 0 {
		m.can &^= canAttributes // clients name it to servers that do not have it (Node's mysql2 to MariaDB), and then send none
	}
	c.take(4 + 1 + 19)
	more := uint32(c.little(4))
	if m.can&canLongPassword == 0 {
		m.more = more & m.greeting.more
	}
	r := Request{Kind: Login, Name: c.text(), Last: true}
	switch {
	case m.can&canAuthLength != 0:
		c.counted()
	case m.can&canSecure != 0:
		c.take(int(c.byte()))
	default:
		c.text()
	}
	m.session.User = r.Name
	if m.can&canWithSchema != 0 {
		m.session.Database = c.text()
	}
	r.Attributes = map[string]string{"schema": m.session.Database}
	m.push(r, myTurn{command: comChangeUser})
	if m.can&(canSSL|canCompress|canZstd) != 0 {
		m.compressed = true
	}
}
