package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// TestMemoryIsBounded: a client that prepares, or asks without an answer, for ever is not read any more; what it says still goes on.
func TestMemoryIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		p      wire.Protocol
		before []chunk
		more   func(i int) chunk
	}{
		"prepared, PostgreSQL": {wire.Postgres(), login(), func(i int) chunk { return chunk{true, msg('P', fmt.Sprintf("s%d\x00SELECT 1\x00\x00\x00", i))} }},
		"asked, PostgreSQL":    {wire.Postgres(), login(), func(int) chunk { return chunk{true, msg('S', "")} }},
		"asked, MySQL":         {wire.MySQL(), loggedIn(0), func(int) chunk { return query("SELECT 1") }},
		"prepared, MySQL":      {wire.MySQL(), loggedIn(0), func(int) chunk { return chunk{true, packet(0, "\x16SELECT 1")} }},
	} {
		chunks := test.before
		for i := range 100 {
			chunks = append(chunks, test.more(i))
		}
		events, on := read(test.p, wire.Options{Memory: 10 << 10}, whole, chunks...)
		if last := events[len(events)-1]; !strings.HasPrefix(last, "opaque: more statements") {
			t.Errorf("%s: the last event is %s", name, last)
		}
		if on[0] != sent(chunks, true) {
			t.Errorf("%s: %d bytes went on", name, len(on[0]))
		}
	}
	rows := strings.Repeat(row, 1000)
	events := said(wire.Options{Rows: 1000, Bytes: 100}, chunk{true, msg('Q', "SELECT\x00")}, chunk{bytes: described + rows + done("SELECT 1000") + readyIdle})
	if got := events[1]; !strings.Contains(got, " 1000 rows ") || strings.Count(got, "[42]") > 3 {
		t.Errorf("%.200s", got)
	}
}
