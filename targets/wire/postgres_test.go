package wire_test

import (
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

const (
	readyIdle   = "Z\x00\x00\x00\x05I"
	readyInside = "Z\x00\x00\x00\x05T"
	readyFailed = "Z\x00\x00\x00\x05E"
)

func done(tag string) string { return msg('C', tag+"\x00") }

func TestPostgresCommits(t *testing.T) {
	row := msg('D', "C\x00\x00\x00\x0bCOMMIT\x00") // a value that looks like an answer
	for name, test := range map[string]struct {
		answers string
		commits int
	}{
		"commit":                       {done("COMMIT") + readyIdle, 1},
		"commit that rolls back":       {done("ROLLBACK") + readyIdle, 0},
		"write by itself":              {msg('T', "..") + row + done("UPDATE 1") + readyIdle, 1},
		"insert by itself":             {done("INSERT 0 2") + readyIdle, 1},
		"write of nothing":             {done("UPDATE 0") + done("INSERT 0 0") + readyIdle, 0},
		"read":                         {row + done("SELECT 1") + readyIdle, 0},
		"write in a transaction":       {done("BEGIN") + readyInside + done("UPDATE 1") + readyInside, 0},
		"and its commit":               {done("UPDATE 1") + readyInside + done("COMMIT") + readyIdle, 1},
		"and its rollback":             {done("UPDATE 1") + readyInside + done("ROLLBACK") + readyIdle, 0},
		"batch":                        {done("UPDATE 1") + done("UPDATE 2") + done("DELETE 1") + readyIdle, 1},
		"batch that fails":             {done("UPDATE 1") + msg('E', "SERROR\x00\x00") + readyIdle, 0},
		"after a failed one":           {done("UPDATE 1") + msg('E', "") + readyFailed + done("ROLLBACK") + readyIdle + done("DELETE 3") + readyIdle, 1},
		"two":                          {done("COMMIT") + readyIdle + done("UPDATE 1") + readyIdle, 2},
		"rows copied in":               {msg('G', "\x00\x00\x00") + done("COPY 2") + readyIdle, 1},
		"rows copied out":              {msg('H', "\x00\x00\x00") + msg('d', "1\n") + msg('c', "") + done("COPY 2") + readyIdle, 0},
		"not ready yet":                {done("UPDATE 1"), 0},
		"cut off":                      {done("COMMIT")[:9], 0},
		"a length that cannot be":      {"C\x00\x00\x00\x03" + done("COMMIT") + readyIdle, 0},
		"a length that is far too big": {"C\xff\xff\xff\xff" + done("COMMIT") + readyIdle, 0},
	} {
		for size := 1; size <= len(test.answers); size++ {
			for _, only := range []bool{true, false} {
				events, _ := read(wire.Postgres(), wire.Options{CommitsOnly: only}, func() int { return size }, chunk{bytes: test.answers})
				if got := commits(events); got != test.commits {
					t.Errorf("%s, in pieces of %d, commits only %v: %d commits, want %d", name, size, only, got, test.commits)
				}
			}
		}
	}
}
