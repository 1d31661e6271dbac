package script

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

// client answers each statement with a row, and notes what it was asked.
type client struct {
	asked []string
	row   []string // of columns a and b
	fails map[string]error
}

func (c *client) Ask(_ context.Context, sql string) ([]database.Result, error) {
	c.asked = append(c.asked, sql)
	if err := c.fails[sql]; err != nil || !strings.HasPrefix(sql, "SELECT") {
		return nil, err
	}
	return []database.Result{{Columns: []string{"a", "b"}, Rows: [][]string{c.row}}}, nil
}

func (*client) From() net.Addr { return nil }
func (*client) Close()         {}

// fill puts in what clients have.
func fill(text string) string {
	return strings.NewReplacer("{client}", "a", "{number}", "1", "{id}", "5e-1", "{int:1,5}", "3", "{pick:it's,b}", "it's", "{int:1,1000000000}", "7").Replace(text)
}

// TestRun: what is asked of the server, whatever the values are.
func TestRun(t *testing.T) {
	for name, c := range map[string]struct{ script, asks, mysql string }{
		"placeholders":        {script: "CALL buy({client}, {number}); SELECT {pick:it's,b}", asks: "CALL buy('a', 1)|SELECT 'it''s'"},
		"in strings":          {script: "SELECT 'x-{client}', '{\"a\": 1}', '{unknown}', '12:30' -- {client}", asks: "SELECT 'x-a', '{\"a\": 1}', '{unknown}', '12:30' -- {client}"},
		"casts":               {script: "SELECT a::int, b[1:2] FROM t", asks: "SELECT a::int, b[1:2] FROM t"},
		"a body of code":      {script: "DO $$ BEGIN PERFORM 1; END $$; SELECT 1", asks: "DO $$ BEGIN PERFORM 1; END $$|SELECT 1", mysql: "-"},
		"set":                 {script: "\\set n 2 * (3 + 4) % 5 - -1\nUPDATE t SET n = :n", asks: "UPDATE t SET n = 5"},
		"negative":            {script: "\\set n 1 - 3\nUPDATE t SET n = n -:n", asks: "UPDATE t SET n = n -(-2)"},
		"a line goes on":      {script: "\\set n 1 + \\\n 1\nUPDATE t SET n = :n", asks: "UPDATE t SET n = 2"},
		"random":              {script: "\\set n random(4, 4) + :client_id\nUPDATE t SET n = :n", asks: "UPDATE t SET n = 4"},
		"gset":                {script: "SELECT 1 \\gset x_\nUPDATE t SET n = :x_a, m = :x_b", asks: "SELECT 1|UPDATE t SET n = 1, m = 'o''x'"},
		"if":                  {script: "\\set n 2\n\\if :n = 1\nA;\n\\elif :n = 2 and not false\nB;\n\\else\nC;\n\\endif\nD", asks: "B|D"},
		"else":                {script: "\\if null\nA;\n\\else\n\\if 1\nC;\n\\endif\nD;\n\\endif", asks: "C|D"},
		"sleep":               {script: "\\sleep 1 us\n\\sleep 1us\nA", asks: "A"},
		"quotes in a value":   {script: "SELECT 1 \\gset\nUPDATE t SET n = ':b'", asks: "SELECT 1|UPDATE t SET n = ':b'"},
		"functions":           {script: "\\set n greatest(1, 3, 2) + least(4, 2) + abs(-5) + mod(7, 4) + 1.5\nA :n", asks: "A 14.5"},
		"semicolons alone":    {script: ";; A ; ; /* x */ -- y\n", asks: "A"},
		"a condition of text": {script: "SELECT 1 \\gset\n\\if :b <> 1\nA;\n\\endif", asks: "SELECT 1|A"},
	} {
		for engine, protocol := range map[string]wire.Protocol{"PostgreSQL": wire.Postgres(), "MySQL": wire.MySQL()} {
			if engine == "MySQL" && c.mysql != "" {
				continue
			}
			s, err := Parse("f", c.script, protocol)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			on := &client{row: []string{"1", "o'x"}}
			if ran := s.Run(t.Context(), on, fill); ran.Err != nil {
				t.Errorf("%s: %v", name, ran.Err)
			}
			if got := strings.Join(on.asked, "|"); got != c.asks {
				t.Errorf("%s on %s: asked %s, want %s", name, engine, got, c.asks)
			}
		}
	}
}

// TestLiterals: a value from the database stays a value, whatever it holds.
func TestLiterals(t *testing.T) {
	for value, want := range map[string][2]string{
		`'; DROP TABLE t; --`: {`'''; DROP TABLE t; --'`, `'''; DROP TABLE t; --'`},
		`\'; x`:               {` E'\\''; x'`, `_utf8mb4 0x5c273b2078`},
		database.Null:         {"NULL", "NULL"},
		"1; x":                {"'1; x'", "'1; x'"},
		"-5":                  {"(-5)", "(-5)"},
	} {
		for i, protocol := range []wire.Protocol{wire.Postgres(), wire.MySQL()} {
			s, err := Parse("f", "SELECT 1 \\gset\nA :a", protocol)
			if err != nil {
				t.Fatal(err)
			}
			on := &client{row: []string{value, ""}}
			if ran := s.Run(t.Context(), on, fill); ran.Err != nil || on.asked[1] != "A "+want[i] {
				t.Errorf("%q became %q, want %q: %v", value, on.asked, want[i], ran.Err)
			}
		}
	}
}

// TestMistakes: what cannot be read is said with its line, and what cannot be carried out too.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"A;\n\\shell ls":                  `f:2: \shell of pgbench is not there: run: of the file takes a command; there are ` + Metas,
		"A;\n\n\\foo":                     `f:3: \foo is not known; there are ` + Metas,
		"A \\bar":                         `f:1: \bar stands behind a statement that has no semicolon: only \gset does`,
		"\\gset":                          `f:1: \gset stands behind a statement, in the place of its semicolon`,
		"\\if 1\nA":                       `f:1: \if has no \endif`,
		"A;\n\\endif":                     `f:2: \endif has no \if`,
		"\\if 1\n\\else\n\\elif 1\n":      `f:3: \elif comes after \else`,
		"\\if\n":                          `f:1: \if needs a condition, as in \if :left_over > 0`,
		"\\set n\nA":                      `f:1: \set needs a name and a value, as in \set amount random(1, 5)`,
		"\\set n 1 +\nA":                  `f:1: an expression ends too soon`,
		"\\set n (1\nA":                   `f:1: a parenthesis is not closed`,
		"\\set n 1 2\nA":                  `f:1: "2" comes too much in an expression`,
		"\\set n random_gaussian(1, 2)\n": `f:1: the function random_gaussian is not known; there are abs, greatest, least, mod, random`,
		"\\set n 1 & 2\n":                 `f:1: "& 2" cannot be read as a part of an expression`,
		"\\set n x\n":                     `f:1: "x" is no value; a variable is :x`,
		"\\set n abs(1, 2)\n":             "f:1: abs has 2 arguments, and takes 1",
		"\\sleep\nA":                      `f:1: \sleep needs a number and a unit, as in \sleep 10 ms; units are us, ms, s`,
		"A;\nB :m":                        `f:2: :m is not set: \set m or a \gset comes before`,
		"A {clint}":                       `f:1: {clint} is no placeholder of a statement; there are {client}, {number}, {id}, {pick:a,b}, {int:1,5}, {zipf:100}`,
		"A \"{client}\"":                  "f:1: {client} stands in a name or in a body of code, where a value cannot be put in: write it outside",
		"":                                "f:1: there is no statement",
		"-- nothing":                      "f:1: there is no statement",
		"\\set n 1 / 0\nA":                "f:1: division by zero",
		"SELECT 1 \\gset\nA ':a :c' :c":   `f:2: :c is not set: neither \set nor \gset has come to it`,
		"A '{pick:it's,b}'":               "f:1: {pick:it's,b} stands in quotes, and its value has a quote or a backslash, or is NULL: write it without quotes around it",
		"INSERT 1 \\gset":                 `f:1: \gset takes one row, and the statement returned 0`,
		"\\set n random(5, 1)\nA":         "f:1: random(5, 1) needs two whole numbers, the lower first",
	} {
		s, err := Parse("f", text, wire.Postgres())
		if err == nil {
			err = s.Run(t.Context(), &client{row: []string{"1", "x"}}, fill).Err
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestMay: what a script has done stays, or does not, where its connection is lost.
func TestMay(t *testing.T) {
	lost := errors.New("lost")
	for name, c := range map[string]struct {
		script, at string
		may        bool
	}{
		"in a transaction":     {"BEGIN; A; COMMIT", "A", false},
		"at COMMIT":            {"BEGIN; A; COMMIT", "COMMIT", true},
		"outside of one":       {"A; B", "A", true},
		"after a COMMIT":       {"BEGIN; A; COMMIT; BEGIN; B; COMMIT", "B", true},
		"at BEGIN after one":   {"A; BEGIN; B; COMMIT", "B", true},
		"a procedure commits":  {"BEGIN; CALL x(); COMMIT", "CALL x()", true},
		"after a ROLLBACK":     {"BEGIN; ROLLBACK; A", "A", true},
		"back to a savepoint":  {"BEGIN; ROLLBACK TO s; A; COMMIT", "A", false},
		"definitions commit":   {"START TRANSACTION; CREATE TABLE t (n int); A", "A", true},
		"a transaction before": {"BEGIN; A; ROLLBACK; BEGIN; B; COMMIT", "B", false},
	} {
		s, err := Parse("f", c.script, wire.MySQL())
		if err != nil {
			t.Fatal(err)
		}
		ran := s.Run(t.Context(), &client{fails: map[string]error{c.at: lost}}, fill)
		if !errors.Is(ran.Err, lost) || ran.May != c.may {
			t.Errorf("%s: %v, may %v, want %v", name, ran.Err, ran.May, c.may)
		}
	}
}

// FuzzParse: whatever a file holds, reading and running it ends, with an error that has a line or without one.
func FuzzParse(f *testing.F) {
	f.Add("\\set n random(1, 5) \\\n + 1\n\\if :n > 2\nSELECT {client}, ':n' \\gset x_\n\\elif 1\nA;\n\\else\nB;\n\\endif")
	f.Fuzz(func(t *testing.T, text string) {
		for _, protocol := range []wire.Protocol{wire.Postgres(), wire.MySQL()} {
			s, err := Parse("f", text, protocol)
			if (s == nil) == (err == nil) {
				t.Errorf("%v, %v", s, err)
			}
			if err == nil && !strings.Contains(text, "sleep") {
				s.Run(t.Context(), &client{row: []string{"1", "x"}}, fill)
			}
		}
	})
}
