package wire_test

import (
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// BenchmarkConn reads a statement and its answer, as a proxy that looks for commits does, and in full.
func BenchmarkConn(b *testing.B) {
	for name, talk := range map[string]struct {
		p          wire.Protocol
		before     []chunk
		ask, reply string
	}{
		"postgres": {
			wire.Postgres(), append(login(), chunk{true, prepared + msg('S', "")}, chunk{bytes: msg('1', "") + described + readyIdle}),
			extended(1), msg('2', "") + row + done("SELECT 1") + readyIdle,
		},
		"mysql": {wire.MySQL(), loggedIn(deprecateEOF), packet(0, "\x03UPDATE seats SET n = n - 1 WHERE id = 7"), accepted(1, 3)},
	} {
		for kind, opt := range map[string]wire.Options{"commits": {CommitsOnly: true}, "full": {Rows: 3}} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				c := talk.p.NewConn(opt)
				for _, k := range talk.before {
					if k.client {
						c.Client([]byte(k.bytes))
					} else {
						c.Server([]byte(k.bytes))
					}
				}
				ask, reply := []byte(talk.ask), []byte(talk.reply)
				b.ReportAllocs()
				for b.Loop() {
					c.Client(ask)
					c.Server(reply)
				}
			})
		}
	}
}
