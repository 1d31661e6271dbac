package fault

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
)

// mysql watches the protocol of MySQL and MariaDB (MySQL source documentation, "Client/Server Protocol"). Of each command only the
// first packet of the answer matters: an OK packet says whether something was written, and whether a transaction is under way. Rows
// are skipped until the next command, so it does not matter how they end.
type mysql struct {
	mu     sync.Mutex // both directions go by the same commands
	opaque bool       // encrypted, compressed, or something else
	attrs  bool       // commands may carry attributes before their text

	up, down  packets
	greeting  greeting
	responded bool            // the client has answered the greeting
	commits   map[uint32]bool // prepared statements that are a COMMIT, by id

	waiting  bool // for the first packet of an answer
	prepares bool // the command prepares a statement
	commit   bool // the command is, or prepares, a COMMIT
}

// Capabilities that matter (MySQL source documentation, "Capabilities Flags").
const (
	clientCompress   = 1 << 5
	clientProtocol41 = 1 << 9
	clientSSL        = 1 << 11
	clientZstd       = 1 << 26
	clientAttributes = 1 << 27
)

// Commands that matter ("Command Phase").
const (
	comQuit     = 0x01
	comQuery    = 0x03
	comPrepare  = 0x16
	comExecute  = 0x17
	comLongData = 0x18
	comClose    = 0x19
)

// Status flags that matter.
const (
	statusInTrans     = 1 << 0
	statusMoreResults = 1 << 3
)

// greet leaves the first word to the server.
func (m *mysql) greet(net.Conn, net.Conn) bool { return true }

func (m *mysql) asked(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(b) > 0 && !m.opaque {
		var whole bool
		if b, whole = m.up.take(b); whole && m.up.first {
			m.command(m.up.seq, m.up.body)
		}
	}
}

// command takes in a packet of the client's. Those of the log-in have higher sequence numbers than a command's first.
func (m *mysql) command(seq byte, body []byte) {
	if !m.responded {
		m.responded = true
		m.response(body)
		return
	}
	if seq != 0 || len(body) == 0 {
		return
	}
	text := body[1:]
	m.waiting, m.prepares, m.commit = true, false, false
	switch body[0] {
	case comQuery:
		if m.attrs { // none, in one set: others are not looked into
			text, _ = bytes.CutPrefix(text, []byte{0, 1})
		}
		m.commit = isCommit(text)
	case comPrepare:
		m.prepares, m.commit = true, isCommit(text)
	case comExecute:
		m.commit = len(text) >= 4 && m.commits[binary.LittleEndian.Uint32(text)]
	case comClose:
		if len(text) >= 4 {
			delete(m.commits, binary.LittleEndian.Uint32(text))
		}
		m.waiting = false
	case comQuit, comLongData: // without an answer
		m.waiting = false
	}
}

// response takes in what the client answers to the greeting: how they will speak.
func (m *mysql) response(body []byte) {
	if len(body) < 4 {
		m.opaque = true
		return
	}
	can := binary.LittleEndian.Uint32(body)
	m.opaque = can&clientProtocol41 == 0 || can&(clientSSL|clientCompress|clientZstd) != 0
	m.attrs = can&clientAttributes != 0
}

func isCommit(text []byte) bool {
	word, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte{' '})
	return bytes.EqualFold(bytes.TrimRight(word, ";"), []byte("COMMIT"))
}

func (m *mysql) answered(b []byte) (commits int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.opaque && !m.greeting.over {
		m.opaque = !m.greeting.clear(b)
	}
	for len(b) > 0 && !m.opaque {
		var whole bool
		if b, whole = m.down.take(b); whole && m.down.first && m.waiting && m.committed(m.down.body) {
			commits++
		}
	}
	return commits
}

// committed takes in the first packet of an answer, and reports whether it says that something has been committed.
func (m *mysql) committed(body []byte) bool {
	m.waiting = false
	if len(body) == 0 || body[0] != 0 { // an error, or rows
		return false
	}
	if m.prepares {
		if m.commit && len(body) >= 5 {
			m.commits[binary.LittleEndian.Uint32(body[1:])] = true
		}
		return false
	}
	affected, rest := lengthEncoded(body[1:])
	_, rest = lengthEncoded(rest) // the generated id
	if len(rest) < 2 {
		return false
	}
	status := binary.LittleEndian.Uint16(rest)
	m.waiting = status&statusMoreResults != 0
	return m.commit || affected > 0 && status&statusInTrans == 0
}

// lengthEncoded reads an integer of one to nine bytes; rest is nil where it is cut off.
func lengthEncoded(b []byte) (n uint64, rest []byte) {
	size := 1
	if len(b) > 0 {
		switch b[0] {
		case 0xfc:
			size = 3
		case 0xfd:
			size = 4
		case 0xfe:
			size = 9
		}
	}
	switch {
	case len(b) < size:
		return 0, nil
	case size == 1:
		return uint64(b[0]), b[1:]
	}
	for i := size - 1; i > 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	return n, b[size:]
}
