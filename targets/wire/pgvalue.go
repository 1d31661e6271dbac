package wire

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// pgValue reads a value after its length, of which -1 says NULL.
func pgValue(c *cursor, oid uint32, binaryForm bool) Value {
	n := c.big32()
	if n == -1 {
		return Value{Null: true}
	}
	b := c.take(n)
	if c.bad {
		return Value{}
	}
	v := Value{Raw: append([]byte{}, b...)}
	if !binaryForm {
		v.Text = string(b)
	} else if text, ok := pgBinary(b, oid); ok {
		v.Text = text
	} else {
		v.Text = `\x` + hex.EncodeToString(b)
	}
	return v
}

// OIDs of types whose binary form is known (src/include/catalog/pg_type.dat).
const (
	oidBool        = 16
	oidChar        = 18
	oidName        = 19
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidOID         = 26
	oidJSON        = 114
	oidFloat4      = 700
	oidFloat8      = 701
	oidUnknown     = 705
	oidBpchar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidNumeric     = 1700
	oidUUID        = 2950
	oidJSONB       = 3802
)

// pgBinary is what the server would write for a binary value.
func pgBinary(b []byte, oid uint32) (text string, ok bool) {
	switch oid {
	case oidText, oidVarchar, oidBpchar, oidName, oidChar, oidUnknown, oidJSON:
		return string(b), true
	case oidJSONB:
		if len(b) > 0 && b[0] == 1 {
			return string(b[1:]), true
		}
		return "", false
	case oidNumeric:
		return pgNumeric(b)
	case oidUUID:
		if len(b) == 16 {
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), true
		}
		return "", false
	}
	size, fixed := map[uint32]int{
		oidBool: 1, oidInt2: 2, oidInt4: 4, oidOID: 4, oidFloat4: 4, oidDate: 4, oidInt8: 8, oidFloat8: 8, oidTimestamp: 8, oidTimestamptz: 8,
	}[oid]
	if !fixed || len(b) != size {
		return "", false
	}
	return pgFixed(b, oid), true
}

func pgFixed(b []byte, oid uint32) string {
	var bits uint64
	for _, c := range b {
		bits = bits<<8 | uint64(c)
	}
	switch oid {
	case oidBool:
		if bits != 0 {
			return "t"
		}
		return "f"
	case oidInt2:
		return strconv.Itoa(int(int16(bits)))
	case oidInt4:
		return strconv.Itoa(int(int32(bits)))
	case oidOID:
		return strconv.FormatUint(bits, 10)
	case oidFloat4:
		return floatText(float64(math.Float32frombits(uint32(bits))), 32)
	case oidFloat8:
		return floatText(math.Float64frombits(bits), 64)
	case oidDate:
		return pgDate(int64(int32(bits)))
	case oidTimestamp:
		return pgTime(int64(bits), "")
	case oidTimestamptz:
		return pgTime(int64(bits), "+00")
	}
	return strconv.FormatInt(int64(bits), 10)
}

func floatText(f float64, size int) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	}
	return strconv.FormatFloat(f, 'g', -1, size)
}

// epoch is when PostgreSQL's times begin, in Unix seconds.
const epoch = 946684800

func pgDate(days int64) string {
	switch days {
	case math.MaxInt32:
		return "infinity"
	case math.MinInt32:
		return "-infinity"
	}
	return time.Unix(epoch+days*24*3600, 0).UTC().Format("2006-01-02")
}

func pgTime(micros int64, zone string) string {
	switch micros {
	case math.MaxInt64:
		return "infinity"
	case math.MinInt64:
		return "-infinity"
	}
	return time.Unix(epoch+micros/1e6, micros%1e6*1000).UTC().Format("2006-01-02 15:04:05.999999") + zone
}

// pgNumeric reads a numeric: counts of digits to the base 10000, the weight of the first, a sign, digits behind the point, and
// the digits (src/backend/utils/adt/numeric.c, numeric_send).
func pgNumeric(b []byte) (text string, ok bool) {
	const negative, notANumber, infinite, negativeInfinite = 0x4000, 0xc000, 0xd000, 0xf000
	if len(b) < 8 {
		return "", false
	}
	word := func(i int) int { return int(binary.BigEndian.Uint16(b[2*i:])) }
	digits, weight, sign, scale := word(0), int(int16(word(1))), word(2), word(3)
	const zeros = 64 // groups of them that are written out, at most
	if len(b) != 8+2*digits || scale > 4*(digits+zeros) || weight > digits+zeros {
		return "", false
	}
	switch sign {
	case notANumber:
		return "NaN", true
	case infinite:
		return "Infinity", true
	case negativeInfinite:
		return "-Infinity", true
	}
	digit := func(place int) int { // the one that counts 10000^place
		if i := weight - place; i >= 0 && i < digits {
			return word(4 + i)
		}
		return 0
	}
	var out strings.Builder
	if sign == negative {
		out.WriteByte('-')
	}
	out.WriteString(strconv.Itoa(digit(max(weight, 0))))
	for place := weight - 1; place >= 0; place-- {
		fmt.Fprintf(&out, "%04d", digit(place))
	}
	if scale == 0 {
		return out.String(), true
	}
	var behind strings.Builder
	for place := -1; behind.Len() < scale; place-- {
		fmt.Fprintf(&behind, "%04d", digit(place))
	}
	return out.String() + "." + behind.String()[:scale], true
}
