package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lastseat/lastseat/harness"
)

// TestCutAnywhere: wherever a file ends, it is the history so far, or lacks its header.
func TestCutAnywhere(t *testing.T) {
	h, hist := sample()
	for _, name := range suffixes {
		all := written(t, name, h, hist)
		header := written(t, name, h, newHistory(&h))
		for n := range all {
			f, err := Read(bytes.NewReader(all[:n]), name)
			if err != nil {
				var at *Error
				if !errors.As(err, &at) || at.File != name || at.Line != 1 || n > len(header) {
					t.Fatalf("%s cut at %d of %d: %v", name, n, len(all), err)
				}
				continue
			}
			// Whatever follows the last brace (a line's end, a frame's checksum) adds nothing.
			if f.Incomplete == "" && n < len(all)-4 || (f.Incomplete == "") != (f.History.Final.Values != nil) {
				t.Fatalf("%s cut at %d of %d: incomplete %q, final %v", name, n, len(all), f.Incomplete, f.History.Final)
			}
			for r := range f.History.Ops() {
				old, ok := hist.Finder()(r.ID)
				if !ok || old.Outcome != r.Outcome || old.End != r.End || !slices.Equal(old.Accesses, r.Accesses) {
					t.Fatalf("%s cut at %d: operation %d differs", name, n, r.ID)
				}
			}
			if want := bytes.Count(all[:n], []byte("\n{\"id\"")) - 1; name == suffixes[0] && f.History.Len() < want {
				t.Fatalf("cut at %d: %d operations of %d", n, f.History.Len(), want)
			}
		}
	}
}

// TestNoHistory: what is not a history is refused, with its line and what was expected.
func TestNoHistory(t *testing.T) {
	h, hist := sample()
	lines := strings.SplitAfter(string(written(t, "h", h, hist)), "\n")
	edit := func(line int, old, new string) []string { // line from 1
		l := slices.Clone(lines)
		if l[line-1] = strings.Replace(l[line-1], old, new, 1); l[line-1] == lines[line-1] {
			t.Fatalf("line %d has no %s: %s", line, old, lines[line-1])
		}
		return l
	}
	last := len(lines) - 1 // after it comes only the empty text
	for _, c := range []struct {
		name  string
		lines []string
		at    int
		want  string
	}{
		{"empty", nil, 1, "expected a history's header"},
		{"other JSON", []string{"{}\n"}, 1, "not a lastseat history"},
		{"no JSON", []string{"hello\n"}, 1, "not a lastseat history"},
		{"version", edit(1, `"version":5`, `"version":3`), 1, "version 3 of the format: this lastseat reads version 5"},
		{"header key", edit(1, `"seed"`, `"sead"`), 1, `unknown field "sead"`},
		{"header more", edit(1, "\n", "{}\n"), 1, "invalid character '{' after top-level value"},
		{"group", edit(1, `"len":2`, `"len":3`), 1, `group "stock" has 3 cells from 0, but there are 2 values`},
		{"versions", edit(1, `"versions":[0,0]`, `"versions":[0]`), 1, "2 values but 1 versions"},
		{"twice", slices.Insert(slices.Clone(lines), 2, lines[1]), 3, "operation 1 of process 0 is there twice"},
		{"gap", slices.Delete(slices.Clone(lines), 1, 2), 2, "expected operation 1 of process 0, found 2"},
		{"id", edit(2, `"id":4294967297`, `"id":4294967298`), 2, "expected 4294967297 for seq 1 of process 0"},
		{"id of a later one", edit(3, `"id":4294967298`, `"id":4294967299`), 3, "expected 4294967298 for seq 2 of process 0"},
		{"id 0", edit(2, `"id":4294967297`, `"id":0`), 2, "from 1 to"},
		{"process", edit(2, `"process":0`, `"process":-1`), 2, "from 0 to"},
		{"outcome", edit(2, `"ok"`, `"okay"`), 2, `expected ok, rejected, failed or unknown, found "okay"`},
		{"kind", edit(2, `"writes"`, `"write"`), 2, `expected reads, writes, checks, finds, sets or appends, found "write"`},
		{"cell", edit(2, `"cell":0`, `"cell":2`), 2, "cell 2 does not exist: the start state has 2"},
		{"cell below", edit(2, `"cell":0`, `"cell":-1`), 2, "cell -1 does not exist"},
		{"content", edit(1, `"len":2`, `"len":2,"holds":"trees"`), 1, `group "stock" holds "trees": expected registers, lists or rows`},
		{"values of a write", edit(2, `"value":1`, `"values":[1]`), 2, `no key "values" where the kind is "writes"`},
		{"value of a find", edit(5, `"kind":"reads"`, `"kind":"finds"`), 5, `no key beside cell, kind and values where the kind is "finds"`},
		{"kind without a name", edit(2, `"writes"`, `""`), 2, `expected reads, writes, checks, finds, sets or appends, found ""`},
		{"invoke", edit(2, `"invoke":1000`, `"invoke":-1000`), 2, "invoke is -1000"},
		{"later than any clock", edit(2, `"end":2401000`, `"end":2305843009213693953`), 2, "end is 2305843009213693953: expected nanoseconds, 2305843009213693952 (73 years) at most"},
		{"begin", edit(2, `"begin":1200`, `"begin":999`), 2, "begin is 999, before invoke (1000)"},
		{"end", edit(2, `"end":2401000`, `"end":1199`), 2, "end is 1199, before begin (1200)"},
		{"tries", edit(2, `"tries":1`, `"tries":0`), 2, "from 1 to 65535, found 0"},
		{"declined", edit(5, `"declined":true`, `"declined":false`), 5, "expected true, found 'f'"},
		{"undoes", edit(3, `"undoes":4294967297`, `"undoes":-1`), 3, "from 1 to"},
		{"key", edit(2, `"tries"`, `"trys"`), 2, `line: unknown key "trys"`},
		{"key twice", edit(2, `"tries":1`, `"tries":1,"tries":1`), 2, `key "tries" twice`},
		{"key missing", edit(2, `"tries":1,`, ""), 2, `expected the key "tries"`},
		{"key missing within", edit(2, `"cell":0,`, ""), 2, `do: expected the key "cell"`},
		{"nothing", edit(2, lines[1], "{}\n"), 2, `expected the key "id"`},
		{"blank", edit(2, lines[1], "\n"), 2, `expected '{', found the end of the line`},
		{"two kinds", edit(2, `"tries":1`, `"tries":1,"journal":{"id":1,"cell":0,"delta":1}`), 2, `no key beside "journal"`},
		{"fraction", edit(2, `"tries":1`, `"tries":1.5`), 2, "expected ',', found '.'"},
		{"leading zero", edit(2, `"tries":1`, `"tries":01`), 2, "without leading zeros"},
		{"overflow", edit(2, `"value":1`, `"value":9223372036854775808`), 2, "whole number of 64 bits"},
		{"no number", edit(2, `"value":1`, `"value":null`), 2, "expected a whole number, found 'n'"},
		{"UTF-8", edit(2, `"buy"`, "\"b\xffy\""), 2, "expected UTF-8"},
		{"control character", edit(2, `"buy"`, "\"b\x01y\""), 2, "invalid character"},
		{"escape", edit(2, `"buy"`, `"b\y"`), 2, "invalid character 'y' in string escape"},
		{"open string", edit(2, `"buy"`, `"buy`), 2, "expected"},
		{"more", edit(2, "\n", " x\n"), 2, "expected nothing more, found 'x'"},
		{"too long", edit(2, `"buy"`, `"`+strings.Repeat("b", maxLine)+`"`), 2, "expected a line of less than"},
		{"journal cell", edit(6, `"cell":0`, `"cell":7`), 6, "cell 7 does not exist"},
		{"journal line lost", slices.Delete(slices.Clone(lines), 5, 6), last - 1, "expected 4 operations and 2 journal entries before it, found 4 and 1"},
		{"operation lost", slices.Delete(slices.Clone(lines), 4, 5), last - 1, "found 3 and 2"},
		{"final values", edit(last, `"values":[0,1]`, `"values":[0]`), last, "expected 2 values"},
		{"final versions", edit(last, `"versions":[1,0]`, `"versions":[]`), last, "found 2 and 0"},
		{"faults lost", edit(last, `"entries":2`, `"entries":2,"faults":1`), last, "expected 1 faults and 0 charges before it, found 0 and 0"},
		{"charges lost", edit(last, `"entries":2`, `"entries":2,"charges":2`), last, "expected 0 faults and 2 charges before it"},
		{"no faults", edit(last, `"entries":2`, `"entries":2,"faults":0`), last, "from 1 to"},
		{"charge not counted", edit(6, lines[5], `{"charge":{"id":1,"amount":1}}`+"\n"+lines[5]), last + 1, "found 0 and 1"},
		{"fault key", edit(6, lines[5], `{"fault":{"what":"cut","from":1}}`+"\n"), 6, `fault: expected the key "to"`},
		{"fault and charge", edit(6, lines[5], `{"fault":{"what":"cut","from":1,"to":2},"charge":{"id":1,"amount":1}}`+"\n"), 6, `no key beside "charge"`},
		{"after the end", append(slices.Clone(lines), lines[last-1]), last + 1, "nothing after the final state"},
		{"half after the end", append(slices.Clone(lines), lines[last-1][:9]), last + 1, "nothing after the final state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(strings.Join(c.lines, "")), "some.jsonl")
			var at *Error
			if !errors.As(err, &at) || at.Line != c.at || at.File != "some.jsonl" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant line %d, … %s …", err, c.at, c.want)
			}
		})
	}
}

// TestNoWorkers: clocks that are out of place are refused.
func TestNoWorkers(t *testing.T) {
	h, hist := timed()
	whole := string(written(t, "h", h, hist))
	for _, c := range []struct {
		old, new string
		at       int
		want     string
	}{
		{`{"worker":{"name":"w2","slack":80000}}` + "\n", "", 7, "expected 2 workers before it, and no clocks but theirs, found 1, and clock 1"},
		{`"clock":1`, `"clock":2`, 8, "found 2, and clock 2"},
		{`"clock":1`, `"clock":0`, 3, "from 1 to"},
		{`"slack":80000`, `"slack":-1`, 7, "from 0 to"},
		{`"name":"w2",`, "", 7, `worker: expected the key "name"`},
		{`,"workers":2`, "", 8, "expected 0 workers before it"},
	} {
		_, err := Read(strings.NewReader(strings.Replace(whole, c.old, c.new, 1)), "some.jsonl")
		var at *Error
		if !errors.As(err, &at) || at.Line != c.at || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: error %v, want line %d, … %s …", c.new, c.old, err, c.at, c.want)
		}
	}
}

// TestOtherWritersAreWelcome: keys in any order, space and escapes are JSON like any other.
func TestOtherWritersAreWelcome(t *testing.T) {
	h, hist := sample()
	var out buffer
	for line := range bytes.Lines(written(t, "h", h, hist)) {
		var doc any
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(strings.NewReplacer(`:`, ` :`+"\t", `,`, " , ", `[`, ` [ `, `]`, ` ] `, `"buy"`, `"b\u0075y"`).Replace(string(sorted)) + " \r\n")
	}
	out.Truncate(out.Len() - 2) // the last line's end
	same(t, &out, h, hist, true)
}

// TestDamageIsAnError: a compressed file that was changed is refused, or lacks its end; it never passes as whole.
func TestDamageIsAnError(t *testing.T) {
	h, hist := sample()
	all := written(t, suffixes[1], h, hist)
	for i := range all {
		bad := slices.Clone(all)
		bad[i] ^= 0x10
		f, err := Read(bytes.NewReader(bad), "h")
		if err == nil && f.Incomplete == "" && cmp.Diff(flatten(f.History), flatten(hist), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(harness.Record{})) != "" {
			t.Errorf("byte %d changed: the file passes as whole", i)
		}
	}
}

// TestReadErrorsAreNotCuts: a disk that fails is not a run that died.
func TestReadErrorsAreNotCuts(t *testing.T) {
	h, hist := sample()
	all := written(t, "h", h, hist)
	broken := errors.New("input/output error")
	for _, n := range []int{0, 100, len(all) / 2, len(all)} {
		_, err := Read(io.MultiReader(bytes.NewReader(all[:n]), iotest.ErrReader(broken)), "h")
		var at *Error
		if !errors.Is(err, broken) || !errors.As(err, &at) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// FuzzRead: whatever the bytes, there is a history that can be written again, or an error with its line.
func FuzzRead(f *testing.F) {
	h, hist := sample()
	txns, txnHist := lists()
	workers, workersHist := timed()
	for _, name := range suffixes {
		all := written(f, name, h, hist)
		f.Add(all)
		f.Add(all[:len(all)-30])
		f.Add(written(f, name, txns, txnHist))
		f.Add(written(f, name, workers, workersHist))
		f.Add(written(f, name, h, newHistory(&h)))
	}
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data), "fuzz")
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		var out buffer
		rewrite(t, file, &out, "again")
		same(t, &out, file.Header, file.History, file.Incomplete == "")
	})
}
