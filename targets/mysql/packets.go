package mysql

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Capabilities that logging in goes by (MySQL source documentation, "Capabilities Flags").
const (
	canMySQL       = 1 << 0 // MariaDB leaves it out, and says more where MySQL says nothing
	canWithSchema  = 1 << 3
	canCompress    = 1 << 5
	canProtocol41  = 1 << 9
	canTLS         = 1 << 11
	canSecure      = 1 << 15
	canPlugin      = 1 << 19
	canConnAttrs   = 1 << 20
	canAuthLength  = 1 << 21
	canZstd        = 1 << 26
	canAttributes  = 1 << 27
	canManyFactors = 1 << 28
	// declined is what the proxy cannot read, or would have to know on both sides.
	declined = canTLS | canCompress | canZstd | canAttributes | canManyFactors
)

// First bytes of packets.
const (
	okPacket     = 0x00
	morePacket   = 0x01 // data for a plugin
	switchPacket = 0xfe // to another plugin
	errPacket    = 0xff
	comUser      = 0x11 // the command to change the user
)

// mostLogin is more than any packet of a login has.
const mostLogin = 1 << 16

// readPacket reads one packet of a login.
func readPacket(r io.Reader) (body []byte, seq byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, 0, err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if size == 0 || size > mostLogin {
		return nil, 0, errors.New("this is no login of MySQL's protocol")
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r, body)
	return body, head[3], err
}

// packet is a packet with its head.
func packet(seq byte, body []byte) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}, body...)
}

// fields reads what a packet consists of. bad: it is too short.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.bad, f.b = true, nil
		return make([]byte, max(0, min(n, 1<<10)))
	}
	taken := f.b[:n]
	f.b = f.b[n:]
	return taken
}

func (f *fields) number(bytes int) uint32 {
	var n uint32
	for i, c := range f.take(bytes) {
		n |= uint32(c) << (8 * i)
	}
	return n
}

// text ends with a zero, or with the packet.
func (f *fields) text() string {
	text, rest, _ := bytes.Cut(f.b, []byte{0})
	f.b = rest
	return string(text)
}

// counted has its length in front, as the protocol writes lengths.
func (f *fields) counted() []byte {
	n := int(f.number(1))
	switch n {
	case 0xfc:
		n = int(f.number(2))
	case 0xfd:
		n = int(f.number(3))
	}
	return f.take(n)
}

// hello is how a server begins ("Protocol::HandshakeV10").
type hello struct {
	version  string
	id       uint32
	scramble []byte
	can      uint32
	charset  byte
	status   uint16
	reserved []byte // of which MariaDB uses the last four
	plugin   string
}

const (
	helloVersion = 10
	scrambleSize = 20
)

func readHello(body []byte) (*hello, error) {
	f := &fields{b: body}
	if f.number(1) != helloVersion {
		return nil, errors.New("the server does not begin as MySQL's and MariaDB's do")
	}
	h := &hello{version: f.text(), id: f.number(4)}
	h.scramble = bytes.Clone(f.take(8))
	f.take(1)
	h.can = f.number(2)
	h.charset = byte(f.number(1))
	h.status = uint16(f.number(2))
	h.can |= f.number(2) << 16
	f.take(1)
	h.reserved = bytes.Clone(f.take(10))
	if f.bad || h.can&canProtocol41 == 0 || h.can&canSecure == 0 {
		return nil, fmt.Errorf("the server (%s) speaks a version of MySQL's protocol that is not known", h.version)
	}
	h.scramble = append(h.scramble, f.take(scrambleSize-8)...)
	f.take(1)
	h.plugin = f.text()
	return h, nil
}

func (h *hello) encode() []byte {
	b := append([]byte{helloVersion}, h.version...)
	b = binary.LittleEndian.AppendUint32(append(b, 0), h.id)
	b = append(append(b, h.scramble[:8]...), 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.can))
	b = append(b, h.charset)
	b = binary.LittleEndian.AppendUint16(b, h.status)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.can>>16))
	b = append(append(b, scrambleSize+1), h.reserved...)
	b = append(append(b, h.scramble[8:]...), 0)
	return append(append(b, h.plugin...), 0)
}

// response is how a client answers that ("Protocol::HandshakeResponse41"), or asks to change the user ("COM_CHANGE_USER").
type response struct {
	can    uint32
	head   []byte // the longest packet, the character set, and what is reserved
	user   string
	auth   []byte
	schema string
	plugin string
	rest   []byte // attributes of the connection
}

const headSize = 4 + 1 + 23

func readResponse(body []byte) (*response, error) {
	f := &fields{b: body}
	r := &response{can: f.number(4), head: f.take(headSize)}
	r.user = f.text()
	switch {
	case r.can&canAuthLength != 0:
		r.auth = f.counted()
	case r.can&canSecure != 0:
		r.auth = f.take(int(f.number(1)))
	default:
		r.auth = []byte(f.text())
	}
	if r.can&canWithSchema != 0 {
		r.schema = f.text()
	}
	r.plugin = nativePassword
	if r.can&canPlugin != 0 {
		r.plugin = f.text()
	}
	if r.can&canConnAttrs != 0 {
		r.rest = f.b
	}
	if f.bad || r.can&canProtocol41 == 0 {
		return nil, errors.New("the program speaks a version of MySQL's protocol that is not known")
	}
	return r, nil
}

// encode is what r comes to with other capabilities, another user and another proof of who that is.
func (r *response) encode(can uint32, user string, auth []byte, plugin string) []byte {
	b := append(binary.LittleEndian.AppendUint32(nil, can), r.head...)
	b = append(append(b, user...), 0)
	switch {
	case can&canAuthLength != 0 && len(auth) >= 0xfb:
		b = append(b, 0xfc, byte(len(auth)), byte(len(auth)>>8))
	default:
		b = append(b, byte(len(auth)))
	}
	b = append(b, auth...)
	if can&canWithSchema != 0 {
		b = append(append(b, r.schema...), 0)
	}
	if can&canPlugin != 0 {
		b = append(append(b, plugin...), 0)
	}
	return append(b, r.rest...)
}
