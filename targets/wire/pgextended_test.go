package wire_test

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/targets/wire"
)

// prepared is a statement that is prepared and described.
var prepared = msg('P', "s1\x00SELECT $1::int, $2\x00\x00\x00") + msg('D', "Ss1\x00")

// extended is a pipeline: the statement is executed n times.
func extended(n int) string {
	s := ""
	for i := range n {
		number := string(binary.BigEndian.AppendUint32(nil, uint32(i)))
		s += msg('B', "\x00s1\x00"+"\x00\x02\x00\x01\x00\x00"+"\x00\x02"+"\x00\x00\x00\x04"+number+"\x00\x00\x00\x02hi"+"\x00\x01\x00\x01")
		s += msg('E', "\x00\x00\x00\x00\x00")
	}
	return s + msg('S', "")
}

var (
	// described is what a statement of two parameters and one column looks like.
	described      = msg('t', "\x00\x02\x00\x00\x00\x17\x00\x00\x00\x19") + msg('T', "\x00\x01n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x17\x00\x04\xff\xff\xff\xff\x00\x00")
	row            = msg('D', "\x00\x01\x00\x00\x00\x04\x00\x00\x00\x2a")
	extendedAnswer = msg('2', "") + row + done("SELECT 1") + msg('2', "") + row + row + done("SELECT 2") + readyIdle
)

func login() []chunk {
	start := "\x00\x03\x00\x00user\x00me\x00database\x00shop\x00\x00"
	head := string(binary.BigEndian.AppendUint32(nil, uint32(len(start)+4)))
	return []chunk{
		{true, head + start},
		{bytes: msg('R', "\x00\x00\x00\x00") + msg('S', "server_version\x0015.1\x00") + msg('K', "\x00\x00\x00\x07\x00\x00\x00\x08") + readyIdle},
	}
}

// said is the events after the login, with ends counted from there.
func said(opt wire.Options, chunks ...chunk) []string {
	events, _ := read(wire.Postgres(), opt, whole, append(login(), chunks...)...)
	return events[2:]
}

func TestPostgresExtended(t *testing.T) {
	s := chunk{true, extended(2)}
	got := said(wire.Options{Rows: 1}, chunk{true, prepared + msg('S', "")},
		chunk{bytes: msg('1', "") + described + readyIdle}, s, chunk{bytes: extendedAnswer})
	expect(t, got,
		`60? 2 prepare "s1" "SELECT $1::int, $2"`, `69? 3 describe "s1" "SELECT $1::int, $2"`, `74? 4 sync "" "" last`,
		`58! 2 idle last`, `100! 3 idle 1 columns last`, `106! 4 idle ready last`,
		`109? 5 bind "" "SELECT $1::int, $2" [0 hi]`, `119? 6 execute "" "SELECT $1::int, $2" [0 hi]`,
		`154? 7 bind "" "SELECT $1::int, $2" [1 hi]`, `164? 8 execute "" "SELECT $1::int, $2" [1 hi]`, `169? 9 sync "" "" last`,
		`111! 5 idle last`, `140! 6 idle SELECT 1 1 columns 1 rows [[42]] affected 1 last`,
		`145! 7 idle last`, `189! 8 idle SELECT 2 1 columns 2 rows [[42]] affected 2 last`, `195! 9 idle ready last`)
}

// TestPostgresPipelineFails: the server looks at nothing between an error and the next Sync.
func TestPostgresPipelineFails(t *testing.T) {
	batch := msg('P', "\x00BEGIN\x00\x00\x00") + msg('B', "\x00\x00\x00\x00\x00\x00\x00\x00") + msg('E', "\x00\x00\x00\x00\x00") + msg('S', "")
	events := said(wire.Options{}, chunk{true, batch + batch},
		chunk{bytes: msg('1', "") + msg('E', "SERROR\x00C42P01\x00Mno\x00\x00") + readyIdle + msg('1', "") + msg('2', "") + done("BEGIN") + readyInside})
	expect(t, events[8:], `58! 2 idle last`, `82! 3 idle last error 42P01 0 no`, `82! 4 idle skipped last`, `88! 5 idle ready last`,
		`93! 6 idle last`, `98! 7 idle last`, `109! 8 in transaction BEGIN last`, `115! 9 in transaction ready last`)
}

// TestPostgresCopy: with the simple and with the extended protocol, where the Sync before the data is not looked at.
func TestPostgresCopy(t *testing.T) {
	data := chunk{true, msg('d', "1\n") + msg('d', "2\n") + msg('c', "")}
	begins := chunk{bytes: msg('G', "\x00\x00\x00")}
	events := said(wire.Options{}, chunk{true, msg('Q', "COPY t FROM STDIN\x00")}, begins, data, chunk{bytes: done("COPY 2") + readyIdle},
		chunk{true, msg('P', "\x00COPY t FROM STDIN\x00\x00\x00") + msg('B', "\x00\x00\x00\x00\x00\x00\x00\x00") + msg('E', "\x00\x00\x00\x00\x00") + msg('S', "")},
		chunk{bytes: msg('1', "") + msg('2', "")}, begins, data, chunk{true, msg('S', "")}, chunk{bytes: done("COPY 2") + readyIdle},
	)
	expect(t, events, `54? 2 query "" "COPY t FROM STDIN" last`, `73? 3 copy in "done" "" last 4 bytes`, `73! 2 idle COPY 2 affected 2`,
		`79! 2 idle ready commit last`, `99? 4 prepare "" "COPY t FROM STDIN"`, `112? 5 bind "" "COPY t FROM STDIN"`,
		`122? 6 execute "" "COPY t FROM STDIN"`, `127? 7 sync "" "" last`, `84! 4 idle last`, `89! 5 idle last`,
		`146? 8 copy in "done" "" last 4 bytes`, `151? 9 sync "" "" last`, `109! 6 idle COPY 2 affected 2 last`, `115! 9 idle ready commit last`)
}

// TestPostgresEncryptionIsDeclined: what asks for it does not go on, however it comes.
func TestPostgresEncryptionIsDeclined(t *testing.T) {
	const ssl, gss = "\x00\x00\x00\x08\x04\xd2\x16\x2f", "\x00\x00\x00\x08\x04\xd2\x16\x30"
	for size := 1; size < 20; size++ {
		c := wire.Postgres().NewConn(wire.Options{})
		var on, back string
		for b := []byte(ssl + gss + login()[0].bytes); len(b) > 0; {
			n := min(size, len(b))
			step := c.Client(b[:n])
			on, back, b = on+string(step.On), back+string(step.Back), b[n:]
		}
		if on != login()[0].bytes || back != "NN" || c.Session().User != "me" {
			t.Fatalf("in pieces of %d: %q went on, %q back, %+v", size, on, back, c.Session())
		}
	}
	events, _ := read(wire.Postgres(), wire.Options{Overhear: true}, whole, chunk{true, ssl}, chunk{bytes: "S"})
	expect(t, events, `8? 1 encryption "SSL" "" last`, "opaque: the connection is encrypted")
}

// TestPiecesDoNotMatter: conversations of both protocols, cut anywhere.
func TestPiecesDoNotMatter(t *testing.T) {
	pg := append(login(), chunk{true, prepared + extended(2)}, chunk{bytes: msg('1', "") + described + extendedAnswer}, chunk{true, msg('Q', "COPY t FROM STDIN; COMMIT\x00")},
		chunk{bytes: msg('N', "Mbeware\x00\x00") + msg('G', "\x00\x00\x00")}, chunk{true, msg('d', "1\n") + msg('c', "")}, chunk{bytes: done("COPY 1") + done("COMMIT") + readyIdle})
	my := append(loggedIn(deprecateEOF), query("SELECT 1; LOAD DATA"), chunk{bytes: packet(1, "\x01") + packet(2, column("a")) + packet(3, "\x011") +
		packet(4, "\xfe\x00\x00\x0a\x00\x00\x00") + packet(5, "\xfbname")}, chunk{true, packet(0, "data") + packet(1, "")}, chunk{bytes: accepted(4, 2)})
	rapid.Check(t, func(rt *rapid.T) {
		for _, talk := range []struct {
			p      wire.Protocol
			chunks []chunk
		}{{wire.Postgres(), pg}, {wire.MySQL(), my}} {
			opt := wire.Options{Rows: 2}
			want, on := read(talk.p, opt, whole, talk.chunks...)
			got, pieces := read(talk.p, opt, func() int { return rapid.IntRange(1, 30).Draw(rt, "piece") }, talk.chunks...)
			expect(t, got, want...)
			if on != pieces || len(want) < 6 {
				rt.Errorf("%q went on, in pieces %q; %d events", on, pieces, len(want))
			}
		}
	})
}
