package program

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

func saved() *Saved {
	return &Saved{
		File: "x.schedule", Program: "../my shop.yaml", Engine: "e", Server: "E 1", Level: harness.ReadCommitted, Operations: []string{"buy", "# odd: \n\"name\""},
		Order: []int{0, Slots, Slots + 2, 0}, Found: "violation",
		Steps: []SavedStep{{0, "SELECT n FROM t WHERE k = 'a: b' AND i = 7"}, {1, "\x1b[2J"}, {1, `"quoted"`}, {0, ""}},
	}
}

// TestSaved: what is written is read back as it was, whatever names and statements hold.
func TestSaved(t *testing.T) {
	var text strings.Builder
	if err := saved().Write(&text); err != nil {
		t.Fatal(err)
	}
	if !IsSaved([]byte(text.String())) || IsSaved([]byte("# x\nname: x\nprogram: y\n")) {
		t.Error("it is not told from schedules of statements")
	}
	got, err := ParseSaved("x.schedule", []byte(text.String()))
	if err != nil || !reflect.DeepEqual(got, saved()) {
		t.Errorf("%v: read back %+v of\n%s", err, got, text.String())
	}
}

// TestSavedMistakes: each mistake is named with its line.
func TestSavedMistakes(t *testing.T) {
	var b strings.Builder
	if err := saved().Write(&b); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for _, c := range []struct{ old, new, want string }{
		{"engine: e", "enigne: e", `x.schedule:3: unknown key "enigne"; did you mean engine?`},
		{"engine: e", "engine:", "x.schedule:3: is no key with a value"},
		{"engine: e", "engine: e\nengine: e", "x.schedule:4: engine: is there twice"},
		{"engine: e\n", "", "x.schedule: has no engine:"},
		{"engine: e", "what is this", "x.schedule:3: is no key with a value"},
		{"read-committed", "rx", `x.schedule:5: unknown isolation level "rx"`},
		{"  a: buy", "  c: buy", `x.schedule:7: "c" is no client: they are called a, b, …`},
		{"  a: SELECT", "  z: SELECT", `"z" is no client`},
		{"  a: SELECT", "  c: SELECT", "x.schedule: steps: there is no client c"},
		{"order: a b", "order: a x", "order: \"a x b3 a\" is no order of 2 clients"},
		{"program: ../my shop.yaml", "  a: b\nprogram: x", "x.schedule:2: a line that begins with blanks belongs to operations: or steps: above it"},
	} {
		if !strings.Contains(good, c.old) {
			t.Errorf("%q is not in the file", c.old)
		}
		_, err := ParseSaved("x.schedule", []byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s:\n got %v\nwant %s", c.old, c.new, err, c.want)
		}
	}
}

// TestSavedCheck: other statements, or others' turns, are a program that has changed; other values are not.
func TestSavedCheck(t *testing.T) {
	s := &Saved{Steps: []SavedStep{{0, "SELECT * FROM t1 WHERE id = 1000004 AND k = 'a''b'"}, {1, "COMMIT"}}}
	same := []Step{{Client: 0, SQL: "SELECT * FROM t1 WHERE id = 3 AND k = ''"}, {Client: 1, SQL: "COMMIT"}}
	if err := s.check(same); err != nil {
		t.Errorf("other values: %v", err)
	}
	for what, steps := range map[string][]Step{
		"another table":     {{Client: 0, SQL: "SELECT * FROM t2 WHERE id = 3 AND k = ''"}, same[1]},
		"a lock":            {{Client: 0, SQL: same[0].SQL + " FOR UPDATE"}, same[1]},
		"another client":    {same[0], {Client: 0, SQL: "COMMIT"}},
		"one statement":     same[:1],
		"one more":          append(same[:2:2], same[1]),
		"nothing at all":    nil,
		"a column's number": {{Client: 0, SQL: "SELECT * FROM t1 WHERE id3 = 3 AND k = ''"}, same[1]},
	} {
		var changed *ChangedError
		if err := s.check(steps); !errors.As(err, &changed) {
			t.Errorf("%s: %v, want that the program has changed", what, err)
		}
	}
}

// FuzzParseSaved: whatever a file holds, reading it ends, and what can be read is written and read again as it is.
func FuzzParseSaved(f *testing.F) {
	var b strings.Builder
	if err := saved().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSaved("x.schedule", []byte(text))
		if err != nil {
			return
		}
		var again strings.Builder
		if err := s.Write(&again); err != nil {
			t.Fatal(err)
		}
		if got, err := ParseSaved("x.schedule", []byte(again.String())); err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("%v: %+v, want %+v\n%s", err, got, s, again.String())
		}
	})
}
