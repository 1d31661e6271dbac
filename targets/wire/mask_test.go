package wire

import (
	"strings"
	"testing"
)

// TestMask: no value is left, and all names are.
func TestMask(t *testing.T) {
	for _, c := range []struct {
		p         Protocol
		sql, want string
	}{
		{Postgres(), "SELECT a1,  b FROM t2 -- secret\nWHERE x = 'secret' AND y=12.5 AND z = $1", "SELECT a1, b FROM t2 WHERE x = ? AND y=? AND z = $1"},
		{Postgres(), `INSERT INTO "Order" VALUES (E'it\'s secret', 'it''s secret', $$secret$$, -1e-5, 0xff, $tag$ secret $$ $tag$)`, `INSERT INTO "Order" VALUES (E?, ?, ?, -?, ?, ?)`},
		{Postgres(), "SELECT 'unfinished secret", "SELECT ?"},
		{Postgres(), "/* secret /* nested secret */ secret */ COMMIT", "COMMIT"},
		{MySQL(), `UPDATE t SET a = "secret", b = 'it''s secret', c = x'00' # secret`, "UPDATE t SET a = ?, b = ?, c = x?"},
		// Where backslashes are characters, the string ends at the quote behind one, and what follows is not inside another.
		{MySQL(), `UPDATE t SET a = 'c:\\', b = 'it\'s secret', c = 'secret'`, "UPDATE t SET a = ?, b = ? …"},
		{Postgres(), `UPDATE t SET a = 'secret\', b = 'secret'`, "UPDATE t SET a = ? …"},
		{MySQL(), "SELECT `from` FROM `t` LIMIT 5", "SELECT `from` FROM `t` LIMIT ?"},
	} {
		got := c.p.Mask(c.sql)
		if got != c.want {
			t.Errorf("%s: %q becomes\n%q, want\n%q", c.p, c.sql, got, c.want)
		}
		if again := c.p.Mask(got); strings.Contains(got, "secret") || again != got {
			t.Errorf("%s: %q becomes %q", c.p, got, again)
		}
	}
}
