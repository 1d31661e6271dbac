package wire_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// Capabilities that tests use.
const (
	protocol41   = 1 << 9
	compress     = 1 << 5
	ssl          = 1 << 11
	deprecateEOF = 1 << 24
	attributes   = 1 << 27
)

// accepted is an OK packet.
func accepted(affected byte, status uint16) string {
	return packet(1, string([]byte{0, affected, 0xfc, 1, 1, byte(status), byte(status >> 8), 0, 0}))
}

const welcome = "\x0a9.7.4\x00" + "\x01\x00\x00\x00" + "saltsalt" + "\x00" + "\xff\xff" + "\xff" + "\x02\x00" + "\xff\xff" + "\x15" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "saltsaltsalt\x00"

// loggedIn is how a connection begins whose client has some capabilities.
func loggedIn(can uint32) []chunk {
	response := string(binary.LittleEndian.AppendUint32(nil, can|protocol41)) + strings.Repeat("\x00", 28)
	if can&ssl == 0 {
		response += "root\x00\x00"
	}
	return []chunk{{bytes: packet(0, welcome)}, {true, packet(1, response)}, {bytes: packet(2, "\x00\x00\x00\x02\x00\x00\x00")}}
}

func query(text string) chunk { return chunk{true, packet(0, "\x03"+text)} }

// column is a description of a column.
func column(name string) string {
	return "\x03def\x00\x00\x00" + string([]byte{byte(len(name))}) + name + "\x00\x0c\x21\x00\xff\x00\x00\x00\xfd\x00\x00\x00\x00\x00"
}

var long = strings.Repeat("x", 1<<24-2)

func TestMySQLCommits(t *testing.T) {
	answer := func(parts ...string) chunk { return chunk{bytes: strings.Join(parts, "")} }
	rows := answer(packet(1, "\x01"), packet(2, column("a")), packet(3, "\xfe\x00\x00\x02\x00"), packet(4, "\x021a"), packet(5, "\xfe\x00\x00\x02\x00"))
	prepared := answer(packet(1, "\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	execute := chunk{true, packet(0, "\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00")}
	for name, test := range map[string]struct {
		can     uint32
		commits int
		chunks  []chunk
	}{
		"commit":                 {0, 1, []chunk{query("COMMIT"), answer(accepted(0, 2))}},
		"commit, small":          {0, 1, []chunk{query(" commit;"), answer(accepted(0, 2))}},
		"commit after a comment": {0, 1, []chunk{query("/* bye */ commit and chain"), answer(accepted(0, 3))}},
		"commit refused":         {0, 0, []chunk{query("COMMIT"), answer(packet(1, "\xff\x01\x02no"))}},
		"rollback":               {0, 0, []chunk{query("ROLLBACK"), answer(accepted(0, 2))}},
		"something else":         {0, 0, []chunk{query("COMMITTEE"), answer(accepted(0, 2))}},
		"write by itself":        {0, 1, []chunk{query("UPDATE"), answer(accepted(1, 2))}},
		"write of nothing":       {0, 0, []chunk{query("UPDATE"), answer(accepted(0, 2))}},
		"write in a transaction": {0, 1, []chunk{query("UPDATE"), answer(accepted(1, 3)), query("COMMIT"), answer(accepted(0, 2))}},
		"rows":                   {0, 1, []chunk{query("SELECT"), rows, query("UPDATE"), answer(accepted(1, 2))}},
		"rows that were written": {0, 1, []chunk{query("INSERT INTO a VALUES (1) RETURNING a"), rows}},
		"prepared":               {0, 1, []chunk{{true, packet(0, "\x16COMMIT")}, prepared, execute, answer(accepted(0, 2)), {true, packet(0, "\x19\x07\x00\x00\x00")}, execute, answer(accepted(0, 2))}},
		"prepared write":         {0, 1, []chunk{{true, packet(0, "\x16UPDATE")}, prepared, execute, answer(accepted(2, 2))}},
		"several results":        {0, 2, []chunk{query("UPDATE; UPDATE"), answer(accepted(1, 10), accepted(1, 2))}},
		"commit among several":   {0, 1, []chunk{query("UPDATE; SELECT ';COMMIT'; COMMIT"), answer(accepted(1, 11), accepted(0, 11), accepted(0, 2))}},
		"attributes":             {attributes, 1, []chunk{query("\x00\x01COMMIT"), answer(accepted(0, 2))}},
		"an attribute":           {attributes, 1, []chunk{query("\x01\x01\x00\x01\xfd\x00\x01k\x01vCOMMIT"), answer(accepted(0, 2))}},
		"encrypted":              {ssl, 0, []chunk{query("COMMIT"), answer(accepted(0, 2))}},
		"compressed":             {compress, 0, []chunk{query("COMMIT"), answer(accepted(0, 2))}},
		"a long statement":       {0, 2, []chunk{query(long), {true, packet(1, "COMMIT")}, answer(accepted(1, 2)), query("COMMIT"), answer(accepted(0, 2))}},
		"a long row": {0, 1, []chunk{
			query("SELECT"), answer(packet(1, "\x01"), packet(2, column("a")), packet(3, "\xfe\x00\x00\x02\x00"), packet(4, "\xfe"+long), packet(5, "COMMIT")),
			answer(packet(6, "\xfe\x00\x00\x02\x00")), query("COMMIT"), answer(accepted(0, 2)),
		}},
	} {
		for _, size := range []int{1, 2, 3, 5, 7, 64, 1 << 14, 1 << 25} {
			if size < 1<<14 && strings.HasPrefix(name, "a long") {
				continue
			}
			for _, only := range []bool{true, false} {
				events, _ := read(wire.MySQL(), wire.Options{CommitsOnly: only}, func() int { return size }, append(loggedIn(test.can), test.chunks...)...)
				if got := commits(events); got != test.commits {
					t.Errorf("%s, in pieces of %d, commits only %v: %d commits, want %d: %.2000q", name, size, only, got, test.commits, events)
				}
			}
		}
	}
}

// TestMySQLOfferIsTakenBack: encryption and compression are cleared in the greeting, however it comes, and nothing else ever.
func TestMySQLOfferIsTakenBack(t *testing.T) {
	plain := packet(0, welcome)
	at := 4 + len("\x0a9.7.4\x00") + 4 + 8 + 1
	want := []byte(plain)
	want[at] &^= compress
	want[at+1] &^= ssl >> 8
	want[at+6] &^= 1 << 26 >> 24
	for size := 1; size <= len(plain); size++ {
		for _, overhear := range []bool{false, true} {
			_, on := read(wire.MySQL(), wire.Options{Overhear: overhear}, func() int { return size }, chunk{bytes: plain})
			if got := []byte(on[1]); !overhear && !bytes.Equal(got, want) || overhear && on[1] != plain {
				t.Fatalf("in pieces of %d: %q, want %q", size, got, want)
			}
		}
	}
}

// TestMySQLAttributesNotOffered: clients name attributes to servers that do not have them, and then send none. Their statements are read.
func TestMySQLAttributesNotOffered(t *testing.T) {
	chunks := loggedIn(attributes)
	at := len("\x0a9.7.4\x00") + 4 + 8 + 1 + 2 + 1 + 2 + 1 // of the greeting's capabilities from the 25th on
	greeting := []byte(welcome)
	greeting[at] &^= attributes >> 24
	chunks[0].bytes = packet(0, string(greeting))
	events, _ := read(wire.MySQL(), wire.Options{}, whole, append(chunks, query("SELECT 1"))...)
	if last := events[len(events)-1]; !strings.Contains(last, `query "" "SELECT 1" last`) {
		t.Errorf("%q, want the statement", last)
	}
	chunks[0].bytes = packet(0, welcome) // where they are offered, the same bytes have one
	events, _ = read(wire.MySQL(), wire.Options{}, whole, append(chunks, query("SELECT 1"))...)
	if last := events[len(events)-1]; strings.Contains(last, `"SELECT 1"`) {
		t.Errorf("%q was read as if attributes were not offered", last)
	}
}
