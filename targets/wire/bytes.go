package wire

import (
	"bytes"
	"encoding/binary"
)

// cursor reads what a message consists of. Once something is missing it is bad, and all that it reads is empty.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.bad, c.b = true, nil
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// text reads up to a zero, which it leaves out.
func (c *cursor) text() string { return string(c.name()) }

// name is the same, where it is not kept.
func (c *cursor) name() []byte {
	n := bytes.IndexByte(c.b, 0)
	if n < 0 {
		c.bad, c.b = true, nil
		return nil
	}
	return c.take(n + 1)[:n]
}

// beginning is a text of which the end, with its zero, may have been cut off. It reads nothing.
func (c *cursor) beginning() string { return string(c.before()) }

// before is the same, where it is not kept.
func (c *cursor) before() []byte {
	if n := bytes.IndexByte(c.b, 0); n >= 0 {
		return c.b[:n]
	}
	return c.b
}

// big16 and big32 read numbers of PostgreSQL.
func (c *cursor) big16() int {
	if b := c.take(2); b != nil {
		return int(int16(binary.BigEndian.Uint16(b)))
	}
	return 0
}

func (c *cursor) big32() int {
	if b := c.take(4); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

// little reads a number of n bytes of MySQL.
func (c *cursor) little(n int) (v uint64) {
	b := c.take(n)
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// length reads an integer of MySQL's in one to nine bytes.
func (c *cursor) length() uint64 {
	switch first := c.byte(); first {
	case 0xfc:
		return c.little(2)
	case 0xfd:
		return c.little(3)
	case 0xfe:
		return c.little(8)
	default:
		return uint64(first)
	}
}

// counted reads bytes that come after their length.
func (c *cursor) counted() []byte {
	n := c.length()
	if n > uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	return c.take(int(n))
}
