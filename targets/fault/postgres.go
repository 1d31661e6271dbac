package fault

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
)

// postgres watches PostgreSQL's protocol (manual, chapter 55), of which the server's messages are enough: a type of one byte, a
// length of four, and what follows.
type postgres struct {
	head  [5]byte
	have  int    // bytes of head
	left  int    // bytes of the message to come
	body  []byte // how the message begins
	wrote bool   // a statement outside a transaction has written: it commits when the server is ready again
	lost  bool   // this is something else
}

// Codes that a client may begin with instead of a protocol's version, and the most that a first message has (PostgreSQL manual,
// "Message Formats"; src/include/libpq/pqcomm.h).
const (
	sslRequest = 80877103
	gssRequest = 80877104
	maxStartup = 10000
)

// bodyKept is more than the longest tag that matters.
const bodyKept = 64

// greet answers for the server that it has no encryption, so that there is something to see.
func (p *postgres) greet(client, server net.Conn) bool {
	for {
		var first [8]byte
		n, err := io.ReadFull(client, first[:])
		length, code := binary.BigEndian.Uint32(first[:]), binary.BigEndian.Uint32(first[4:])
		if err == nil && length == uint32(len(first)) && (code == sslRequest || code == gssRequest) {
			if _, err := client.Write([]byte{'N'}); err != nil {
				return false
			}
			continue
		}
		p.lost = length > maxStartup
		all := first[:n]
		if err == nil && !p.lost && length > uint32(len(first)) { // in one piece: PgBouncer refuses a part
			all = append(all, make([]byte, length-uint32(len(first)))...)
			n, err = io.ReadFull(client, all[len(first):])
			all = all[:len(first)+n]
		}
		_, failed := server.Write(all)
		return failed == nil && (err == nil || len(all) > 0)
	}
}

// asked sees nothing that answers do not say.
func (p *postgres) asked([]byte) {}

func (p *postgres) answered(b []byte) (commits int) {
	for len(b) > 0 && !p.lost {
		if p.have < len(p.head) {
			n := copy(p.head[p.have:], b)
			p.have, b = p.have+n, b[n:]
			if p.have < len(p.head) {
				return commits
			}
			length := binary.BigEndian.Uint32(p.head[1:])
			if length < 4 || length > 1<<30 {
				p.lost = true
				return commits
			}
			p.left, p.body = int(length-4), p.body[:0]
		}
		n := min(p.left, len(b))
		p.body = append(p.body, b[:min(n, bodyKept-len(p.body))]...)
		p.left, b = p.left-n, b[n:]
		if p.left == 0 {
			p.have = 0
			if p.committed() {
				commits++
			}
		}
	}
	return commits
}

// committed takes in a message, and reports whether it says that something has been committed. A statement that commits by itself
// may have its answer before that, and fail still: a client that goes by the protocol waits until the server is ready again.
func (p *postgres) committed() bool {
	switch p.head[0] {
	case 'C': // CommandComplete
		tag, _, _ := strings.Cut(string(p.body), "\x00")
		if tag == "COMMIT" || tag == "COMMIT PREPARED" {
			p.wrote = false // in the same batch: it has committed by now
			return true
		}
		p.wrote = p.wrote || tagWrites(tag)
	case 'E': // ErrorResponse: what came before it in this batch is rolled back
		p.wrote = false
	case 'Z': // ReadyForQuery: I is idle, outside a transaction
		wrote := p.wrote
		p.wrote = false
		return wrote && len(p.body) == 1 && p.body[0] == 'I'
	}
	return false
}

// tagWrites reports whether a command's tag (UPDATE 2, INSERT 0 1) tells of rows that were written.
func tagWrites(tag string) bool {
	words := strings.Fields(tag)
	if len(words) < 2 || words[len(words)-1] == "0" {
		return false
	}
	switch words[0] {
	case "INSERT", "UPDATE", "DELETE", "MERGE":
		return true
	}
	return false
}
