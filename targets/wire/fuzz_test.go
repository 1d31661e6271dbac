package wire_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// FuzzPostgres and FuzzMySQL: whatever both sides say, it goes on as it came, no event depends on how it is cut into pieces, and
// no more is remembered than is allowed.
func FuzzPostgres(f *testing.F) {
	start := string([]byte{0, 0, 0, 17, 0, 3, 0, 0}) + "user\x00me\x00\x00"
	login := msg('R', "\x00\x00\x00\x00") + msg('K', "\x00\x00\x00\x07\x00\x00\x00\x08") + readyIdle
	f.Add([]byte(start), []byte(login), []byte(msg('Q', "UPDATE\x00")), []byte(done("UPDATE 1")+readyIdle+done("COMMIT")), uint64(1))
	f.Add([]byte(start), []byte(login), []byte(prepared+extended(2)), []byte(msg('1', "")+described+extendedAnswer), uint64(2))
	f.Add([]byte(start), []byte(login), []byte(msg('Q', "COPY\x00")), []byte(msg('G', "\x00\x00\x00")), uint64(3))
	f.Add([]byte("\x00\x00\x00\x08\x04\xd2\x16\x2f"), []byte("N"), []byte(start), []byte(login), uint64(4))
	f.Fuzz(func(t *testing.T, a, b, c, d []byte, seed uint64) {
		splits(t, wire.Postgres(), seed, chunk{true, string(a)}, chunk{bytes: string(b)}, chunk{true, string(c)}, chunk{bytes: string(d)})
	})
}

func FuzzMySQL(f *testing.F) {
	f.Add([]byte(packet(0, "\x03COMMIT")), []byte(accepted(1, 2)), []byte(packet(0, "\x03\x00\x01COMMIT")), []byte(accepted(1, 2)), uint32(attributes), uint64(1))
	f.Add([]byte(packet(0, "\x16COMMIT ?")), []byte(packet(1, "\x00\x07\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00")+packet(2, column("?"))),
		[]byte(packet(0, "\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08")), []byte(accepted(1, 2)), uint32(deprecateEOF), uint64(2))
	f.Add([]byte(packet(0, "\x03LOAD")), []byte(packet(1, "\xfbname")), []byte(packet(2, "data")+packet(3, "")), []byte(accepted(1, 2)), uint32(0), uint64(3))
	f.Fuzz(func(t *testing.T, a, b, c, d []byte, can uint32, seed uint64) {
		login := loggedIn(can)
		if seed%2 == 0 {
			login = nil
		}
		splits(t, wire.MySQL(), seed, append(login, chunk{true, string(a)}, chunk{bytes: string(b)}, chunk{true, string(c)}, chunk{bytes: string(d)})...)
	})
}

// splits holds that pieces of random sizes give the events that the whole gives, and the same bytes.
func splits(t *testing.T, p wire.Protocol, seed uint64, chunks ...chunk) {
	t.Helper()
	for _, opt := range []wire.Options{{Rows: 3, Bytes: 200, Memory: 4 << 10, Request: 300}, {CommitsOnly: true}, {Overhear: true, Rows: 10}} {
		want, on := read(p, opt, whole, chunks...)
		r := rand.New(rand.NewPCG(seed, 1))
		got, pieces := read(p, opt, func() int { return 1 + r.IntN(8) }, chunks...)
		expect(t, got, want...)
		if on != pieces {
			t.Errorf("%q went on, in pieces %q", on, pieces)
		}
		if last := len(want) - 1; opt.Overhear && (on[0] != sent(chunks, true) || on[1] != sent(chunks, false)) {
			t.Errorf("what was overheard changed: %q", on)
		} else if last >= 0 && strings.HasPrefix(strings.Join(want[:last], "\n"), "opaque") {
			t.Errorf("events after the end: %q", want)
		}
	}
}

func sent(chunks []chunk, client bool) (all string) {
	for _, k := range chunks {
		if k.client == client {
			all += k.bytes
		}
	}
	return all
}
