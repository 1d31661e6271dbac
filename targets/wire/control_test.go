package wire

import "testing"

func TestControls(t *testing.T) {
	for sql, want := range map[string]Control{
		"BEGIN": Begins, "start transaction read only": Begins, "START SLAVE": 0, " -- hello\n/* you; /* there */ */ commit;": Commits,
		"COMMIT PREPARED 'x'": Commits, "END": Commits, "ROLLBACK": RollsBack, "ROLLBACK WORK TO SAVEPOINT a": 0, "rollback to a": 0, "ABORT": RollsBack,
		"BEGIN; UPDATE t SET a = 1; COMMIT": Begins | Commits, "SELECT 'a;COMMIT'": 0, `SELECT ";ROLLBACK"`: 0, "SELECT 'it''s; COMMIT;'": 0,
		"SELECT 1; -- COMMIT\nROLLBACK": RollsBack, "": 0, ";;": 0, "UPDATE t SET committed = 1": 0, "SAVEPOINT a": 0, "(SELECT 1)": 0,
	} {
		for name, g := range map[string]grammar{"PostgreSQL": pgGrammar, "MySQL": myGrammar} {
			if name == "MySQL" && sql[:min(len(sql), 3)] == " --" {
				continue // comments do not go in comments
			}
			if got, _ := controls(sql, g); got != want {
				t.Errorf("%s: %q does %d, want %d", name, sql, got, want)
			}
		}
	}
	for _, test := range []struct {
		g    grammar
		sql  string
		want int
	}{
		{pgGrammar, "SELECT $x$;COMMIT;$x$; SELECT $1; SELECT a$1;", 3}, {myGrammar, `SELECT 'it\'s; COMMIT'; SELECT 2 # ; x`, 2}, {pgGrammar, `SELECT 'c:\'; COMMIT`, 2},
	} {
		if _, each := controls(test.sql, test.g); len(each) != test.want {
			t.Errorf("%q is %d statements, want %d", test.sql, len(each), test.want)
		}
	}
}
