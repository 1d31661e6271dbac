package wire_test

import (
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// conversation is a request that is repeated, and its answer, after what has to come before.
type conversation struct {
	p          wire.Protocol
	before     []chunk
	ask, reply string
}

func conversations() map[string]conversation {
	rows := packet(1, "\x01") + packet(2, column("holder")) + packet(3, "\x00\x00\x03ann") + packet(4, "\xfe\x00\x00\x02\x00\x00\x00")
	return map[string]conversation{
		"postgres": {
			wire.Postgres(), append(login(), chunk{true, prepared + msg('S', "")}, chunk{bytes: msg('1', "") + described + readyIdle}),
			extended(1), msg('2', "") + row + done("SELECT 1") + readyIdle,
		},
		"postgres, text": {wire.Postgres(), login(), msg('Q', "UPDATE seats SET n = n - 1 WHERE id = 7\x00"), done("UPDATE 1") + readyIdle},
		"mysql":          {wire.MySQL(), loggedIn(deprecateEOF), packet(0, "\x03UPDATE seats SET n = n - 1 WHERE id = 7"), accepted(1, 3)},
		"mysql, prepared": {
			wire.MySQL(), append(loggedIn(deprecateEOF), chunk{true, packet(0, "\x16SELECT ?")},
				chunk{bytes: packet(1, "\x00\x07\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00") + packet(2, column("?")) + packet(3, column("holder"))}),
			packet(0, "\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\xfd\x00\x03one"), rows,
		},
	}
}

// begin has a Conn take in what comes before, and returns what takes in the request and the answer.
func (k conversation) begin(opt wire.Options, listening bool) (ask, answer func()) {
	c := k.p.NewConn(opt)
	c.Listen(listening)
	for _, one := range k.before {
		if one.client {
			c.Client([]byte(one.bytes))
		} else {
			c.Server([]byte(one.bytes))
		}
	}
	request, reply := []byte(k.ask), []byte(k.reply)
	return func() { c.Client(request) }, func() { c.Server(reply) }
}

// BenchmarkConn reads a statement and its answer: as a proxy that looks for commits does, in full, and while nobody listens.
func BenchmarkConn(b *testing.B) {
	for name, talk := range conversations() {
		for kind, opt := range map[string]wire.Options{"commits": {CommitsOnly: true}, "full": {Rows: 3}, "quiet": {Rows: 3}} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				ask, answer := talk.begin(opt, kind != "quiet")
				b.ReportAllocs()
				for b.Loop() {
					ask()
					answer()
				}
			})
		}
	}
}
