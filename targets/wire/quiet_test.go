package wire_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// bind names a portal and gives a statement one parameter, as text.
func bind(portal, statement, value string) string {
	return msg('B', portal+"\x00"+statement+"\x00\x00\x00\x00\x01\x00\x00\x00"+string([]byte{byte(len(value))})+value+"\x00\x00")
}

// talks are conversations in which what comes later needs what came before: texts, portals, types, columns, the transaction.
func talks() map[string]struct {
	p      wire.Protocol
	chunks []chunk
	counts wire.Counts
} {
	sync, bound := msg('S', ""), msg('2', "")
	execute := func(portal string) string { return msg('E', portal+"\x00\x00\x00\x00\x00") }
	typed, untyped := "\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\xfd\x00", "\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"
	rows := packet(1, "\x01") + packet(2, column("holder")) + packet(3, "\x00\x00\x03ann") + packet(4, "\xfe\x00\x00\x02\x00\x00\x00")
	return map[string]struct {
		p      wire.Protocol
		chunks []chunk
		counts wire.Counts
	}{
		"PostgreSQL": {wire.Postgres(), append(login(),
			chunk{true, msg('P', "s\x00SELECT $1\x00\x00\x01\x00\x00\x00\x19") + msg('D', "Ss\x00") + sync},
			chunk{bytes: msg('1', "") + msg('t', "\x00\x01\x00\x00\x00\x19") + described + readyIdle},
			chunk{true, msg('Q', "BEGIN\x00")}, chunk{bytes: done("BEGIN") + readyInside},
			chunk{true, bind("p", "s", "one") + msg('D', "Pp\x00") + execute("p") + sync},
			chunk{bytes: bound + described + row + msg('s', "") + readyInside},
			chunk{true, execute("p") + sync}, chunk{bytes: row + done("SELECT 1") + readyInside},
			chunk{true, bind("", "s", "two") + execute("") + msg('H', "")}, chunk{bytes: bound + row + done("SELECT 1")},
			chunk{true, bind("", "s", "bad") + execute("") + sync}, chunk{bytes: bound + msg('E', "C22012\x00Mno\x00\x00") + readyFailed},
			chunk{true, msg('Q', "ROLLBACK\x00")}, chunk{bytes: done("ROLLBACK") + readyIdle},
			chunk{true, msg('Q', "COPY a FROM STDIN\x00")}, chunk{bytes: msg('G', "\x00\x00\x00")},
			chunk{true, msg('d', "1\n2\n")}, chunk{true, msg('c', "")}, chunk{bytes: done("COPY 2") + readyIdle},
			chunk{true, msg('Q', "SET a = 1\x00")}, chunk{bytes: done("SET") + readyIdle},
		), wire.Counts{Statements: 7, Transactions: 2, Errors: map[wire.Error]int64{{Code: "22012"}: 1}}},
		"MySQL": {wire.MySQL(), append(loggedIn(deprecateEOF),
			chunk{true, packet(0, "\x16SELECT ?")},
			chunk{bytes: packet(1, "\x00\x07\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00") + packet(2, column("?")) + packet(3, column("holder"))},
			chunk{true, packet(0, typed+"\x03one")}, chunk{bytes: rows},
			chunk{true, packet(0, untyped+"\x03two")}, chunk{bytes: rows},
			query("BEGIN"), chunk{bytes: accepted(0, 3)},
			query("UPDATE a"), chunk{bytes: packet(1, "\xff\xbd\x04#40001again")},
			query("ROLLBACK"), chunk{bytes: accepted(0, 2)},
			query("set names utf8"), chunk{bytes: accepted(0, 2)},
			query("LOAD DATA LOCAL"), chunk{bytes: packet(1, "\xfba")}, chunk{true, packet(2, "1\n2\n")}, chunk{true, packet(3, "")}, chunk{bytes: accepted(2, 2)},
			chunk{true, packet(0, "\x19\x07\x00\x00\x00") + packet(0, "\x1f")}, chunk{bytes: accepted(0, 2)},
		), wire.Counts{Statements: 7, Transactions: 4, Errors: map[wire.Error]int64{{Code: "40001", Number: 1213}: 1}}},
	}
}

// TestListening: whenever somebody begins or ceases to listen, in whatever pieces the bytes come, the events are those that there are when
// somebody always listens, for whole batches; all bytes go on, none before its batch may; and what is counted is the same.
func TestListening(t *testing.T) {
	for name, talk := range talks() {
		all, _ := read(talk.p, wire.Options{Rows: 3}, whole, talk.chunks...)
		calls := 0
		for _, k := range talk.chunks {
			if k.client {
				calls++
			}
		}
		heard := 0
		for pattern := range 1 << (calls - 1) { // the login is listened to
			for _, size := range []int{1 << 20, 1 + pattern%7} {
				events, counts := listen(t, talk.p, talk.chunks, size, func(call int) bool { return call == 0 || pattern>>(call-1)&1 == 1 })
				at := 0
				for _, e := range events {
					i := slices.Index(all[at:], e)
					if i < 0 {
						t.Fatalf("%s, pattern %b, pieces of %d: %s is not among what follows\n\t%s", name, pattern, size, e, strings.Join(all[at:], "\n\t"))
					}
					at += i + 1
				}
				heard += len(events)
				if counts.Busy = 0; !reflect.DeepEqual(counts, talk.counts) {
					t.Fatalf("%s, pattern %b, pieces of %d: counted %+v, want %+v", name, pattern, size, counts, talk.counts)
				}
				if pattern == 1<<(calls-1)-1 && len(events) != len(all) {
					t.Errorf("%s: %d events of %d", name, len(events), len(all))
				}
			}
		}
		if heard == 0 {
			t.Errorf("%s: nothing was heard", name)
		}
	}
}

// listen has a Conn take in chunks, of which on says which of the client's are listened to.
func listen(t *testing.T, p wire.Protocol, chunks []chunk, size int, on func(call int) bool) (events []string, counts wire.Counts) {
	t.Helper()
	c, call, at, sent, may := p.NewConn(wire.Options{Rows: 3}), 0, int64(0), 0, int64(0)
	for _, k := range chunks {
		if k.client {
			c.Listen(on(call))
			call++
		}
		for b := []byte(strings.Clone(k.bytes)); len(b) > 0; {
			n := min(len(b), size)
			feed := c.Server
			if k.client {
				feed, sent = c.Client, sent+n
			}
			step := feed(b[:n])
			b = b[n:]
			if k.client {
				at += int64(len(step.On))
			}
			for _, e := range step.Events {
				if k.client && (e.End < may || e.End > at) {
					t.Fatalf("%d may go on after %d, of %d", e.End, may, at)
				} else if k.client {
					may = e.End
				}
				if !e.Free() {
					events = append(events, text(e))
				}
			}
		}
		if k.client && (at != int64(sent) || may != at) {
			t.Fatalf("of %d bytes %d go on, and %d may", sent, at, may)
		}
	}
	return events, c.Counts()
}

// TestQuietAllocatesNothing: requests that nobody listens to, and their answers, need no memory of their own.
func TestQuietAllocatesNothing(t *testing.T) {
	for name, talk := range conversations() {
		ask, answer := talk.begin(wire.Options{Rows: 3}, false)
		if n := testing.AllocsPerRun(200, func() { ask(); answer() }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
