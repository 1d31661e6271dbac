package wire

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Numbers of types ("Column Types").
const (
	typeTiny     = 0x01
	typeShort    = 0x02
	typeLong     = 0x03
	typeFloat    = 0x04
	typeDouble   = 0x05
	typeNull     = 0x06
	typeStamp    = 0x07
	typeLongLong = 0x08
	typeInt24    = 0x09
	typeDate     = 0x0a
	typeTime     = 0x0b
	typeDateTime = 0x0c
	typeYear     = 0x0d
	typeBit      = 0x10
)

// myText is a value that is sent as text, or as bytes.
func myText(b []byte, number byte) Value {
	v := Value{Raw: append([]byte{}, b...)}
	if number != typeBit && utf8.Valid(b) {
		v.Text = string(b)
	} else {
		v.Text = `\x` + hex.EncodeToString(b)
	}
	return v
}

// myBinary reads a value in binary form ("Binary Protocol Value").
func myBinary(c *cursor, number byte, unsigned bool) Value {
	before := c.b
	var text string
	switch number {
	case typeTiny:
		text = myInteger(c, 1, unsigned)
	case typeShort, typeYear:
		text = myInteger(c, 2, unsigned)
	case typeLong, typeInt24:
		text = myInteger(c, 4, unsigned)
	case typeLongLong:
		text = myInteger(c, 8, unsigned)
	case typeFloat:
		text = floatText(float64(math.Float32frombits(uint32(c.little(4)))), 32)
	case typeDouble:
		text = floatText(math.Float64frombits(c.little(8)), 64)
	case typeNull:
		return Value{Null: true}
	case typeDate, typeDateTime, typeStamp:
		text = myDate(c, number)
	case typeTime:
		text = myTime(c)
	default:
		return myText(c.counted(), number)
	}
	return Value{Text: text, Raw: append([]byte{}, before[:len(before)-len(c.b)]...)}
}

func myInteger(c *cursor, size int, unsigned bool) string {
	bits := c.little(size)
	if unsigned {
		return strconv.FormatUint(bits, 10)
	}
	shift := 64 - 8*size
	return strconv.FormatInt(int64(bits<<shift)>>shift, 10)
}

// myDate reads a date of 4 bytes, with a time of 3, with microseconds of 4; what is left out is 0.
func myDate(c *cursor, number byte) string {
	part := cursor{b: c.take(int(c.byte()))}
	at := [7]uint64{}
	for i, size := range [7]int{2, 1, 1, 1, 1, 1, 4} {
		at[i] = part.little(size)
	}
	text := fmt.Sprintf("%04d-%02d-%02d", at[0], at[1], at[2])
	if number == typeDate {
		return text
	}
	return text + fmt.Sprintf(" %02d:%02d:%02d", at[3], at[4], at[5]) + fraction(at[6])
}

// myTime reads a sign, 4 bytes of days, and a time.
func myTime(c *cursor) string {
	part := cursor{b: c.take(int(c.byte()))}
	sign := ""
	if part.byte() == 1 {
		sign = "-"
	}
	at := [5]uint64{}
	for i, size := range [5]int{4, 1, 1, 1, 4} {
		at[i] = part.little(size)
	}
	return sign + fmt.Sprintf("%02d:%02d:%02d", at[0]*24+at[1], at[2], at[3]) + fraction(at[4])
}

func fraction(micros uint64) string {
	if micros == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%06d", micros), "0")
}

// myTextRow reads a row of texts, of which 0xfb says NULL.
func myTextRow(body []byte, columns []Column) (row []Value, ok bool) {
	const null = 0xfb
	c := &cursor{b: body}
	for _, col := range columns {
		if len(c.b) > 0 && c.b[0] == null {
			c.byte()
			row = append(row, Value{Null: true})
			continue
		}
		row = append(row, myText(c.counted(), byte(col.Type)))
		if c.bad {
			return nil, false
		}
	}
	return row, len(c.b) == 0
}

// myBinaryRow reads a row in binary form: a zero, a bit for each value that is NULL from the third on, the values.
func myBinaryRow(body []byte, columns []Column) (row []Value, ok bool) {
	c := &cursor{b: body}
	c.byte()
	nulls := c.take((len(columns) + 7 + 2) / 8)
	for i, col := range columns {
		if c.bad {
			return nil, false
		}
		if nulls[(i+2)/8]>>((i+2)%8)&1 == 1 {
			row = append(row, Value{Null: true})
			continue
		}
		row = append(row, myBinary(c, byte(col.Type), col.unsigned))
	}
	return row, !c.bad && len(c.b) == 0
}
