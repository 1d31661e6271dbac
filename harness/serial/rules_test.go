package serial

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// The rules by which a serial order is recognised, each in both directions: what must be let through, and what must not.

// note is a world of one table: each client adds a row with a generated key and a value, and is told something.
type note struct {
	seed  [][]string                         // of notes: id, author, value
	value func(id int, author string) string // of a new row
	body  func(id int, author string) string // of an answer, as JSON; nil: {"id": …}
}

const ids = "notes_id_seq"

// outcome is what it is after clients have added notes with these keys, one after the other. edit: what is different then.
func (n *note) outcome(order []int, first int, edit func(*Outcome)) *Outcome {
	o := &Outcome{Answers: make([]Answer, 2), Tables: n.start()}
	for i, c := range order {
		id, author := first+7*i, string(rune('a'+c))
		o.Tables[0].Rows = append(o.Tables[0].Rows, []string{fmt.Sprint(id), author, n.value(id, author)})
		body := fmt.Sprintf(`{"id": %d}`, id)
		if n.body != nil {
			body = n.body(id, author)
		}
		o.Answers[c] = ok(author, body)
	}
	if edit != nil {
		edit(o)
	}
	return o
}

func (n *note) start() []Table {
	return []Table{{Name: "notes", Columns: []string{"id", "author", "value"}, Keys: map[string]string{"id": ids}, Rows: rowsOf(n.seed)}}
}

func rowsOf(rows [][]string) (all [][]string) {
	for _, r := range rows {
		all = append(all, slices.Clone(r))
	}
	return all
}

// learned is a judge that has seen all serial orders twice, the second time from far ahead.
func (n *note) learned(ignore ...string) (*Judge, error) {
	j, err := New(n.start(), ignore)
	if err != nil {
		return nil, err
	}
	for _, from := range []int{1_000_003, 9_000_000} {
		for i, order := range [][]int{nil, {0}, {1}, {0, 1}, {1, 0}} {
			err = errors.Join(err, j.Add(order, n.outcome(order, from+100*i, nil)))
		}
	}
	return j, err
}

// at is a moment that goes with a key: another one with each.
func at(id int) time.Time { return time.Unix(1_795_881_600+int64(id), 0).UTC() }

// hash is digits and letters that go with a key.
func hash(id, n int) []byte {
	b := make([]byte, n)
	x := uint64(id)*0x9E3779B97F4A7C15 + 0x1234567
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x >> 24)
	}
	return b
}

// TestRowsDiffer: the same values in each column do not make the same rows.
func TestRowsDiffer(t *testing.T) {
	n := &note{value: func(_ int, author string) string { return "of " + author }}
	j, err := New(n.start(), nil)
	if err != nil {
		t.Fatal(err)
	}
	crossed := func(o *Outcome) {
		r := o.Tables[0].Rows
		r[0], r[1] = []string{r[0][0], "a", "of b"}, []string{r[1][0], "b", "of a"}
	}
	err = errors.Join(j.Add([]int{0, 1}, n.outcome([]int{0, 1}, 1_000_003, nil)), j.Add([]int{0, 1}, n.outcome([]int{0, 1}, 9_000_000, crossed)))
	var differ *DifferError
	if !errors.As(err, &differ) || !strings.Contains(err.Error(), "stands beside other values") {
		t.Errorf("%v, want that rows differ", err)
	}
}

// family is a world of parents with children, without foreign keys: with composite keys, and with two keys in one text.
func family(first int, edit func(parents, children [][]string)) *Outcome {
	var parents, children [][]string
	for i := range 2 {
		parent, author := fmt.Sprint(first+i), string(rune('a'+i))
		parents = append(parents, []string{parent, author})
		for k := range 2 {
			child := first + 500_000 + 2*i + k
			children = append(children, []string{
				fmt.Sprint(child), parent, fmt.Sprint(k + 1), fmt.Sprintf("child-%d-of-parent-%s", child, parent), fmt.Sprintf("0b8e6e8e-52a5-4ed3-9b0a-%x", hash(child, 6)),
			})
		}
	}
	links := [][]string{{children[0][4], parents[0][1]}, {children[3][4], parents[1][1]}} // by a UUID
	if edit != nil {
		edit(parents, children)
	}
	return &Outcome{Answers: []Answer{ok("a", ""), ok("b", "")}, Tables: []Table{
		{Name: "parents", Columns: []string{"id", "author"}, Keys: map[string]string{"id": "p"}, Rows: parents},
		{Name: "children", Columns: []string{"id", "parent", "number", "text", "uuid"}, Keys: map[string]string{"id": "c"}, Rows: children},
		{Name: "links", Columns: []string{"child", "author"}, Rows: links},
	}}
}

// TestKeysUpToRenaming: keys may be other ones and come in another order, as long as they are the same wherever they stand.
func TestKeysUpToRenaming(t *testing.T) {
	judge := func() *Judge {
		start := family(1, nil)
		for i := range start.Tables {
			start.Tables[i].Rows = nil
		}
		j, err := New(start.Tables, nil)
		if err = errors.Join(err, j.Add([]int{0, 1}, family(1_000_003, nil)), j.Add([]int{0, 1}, family(9_000_000, nil))); err != nil {
			t.Fatal(err)
		}
		return j
	}
	swap := func(a, b *string) { *a, *b = *b, *a }
	for what, c := range map[string]struct {
		edit func(p, c [][]string)
		want Verdict
	}{
		"as it was":                   {func(_, _ [][]string) {}, Fits},
		"children in another order":   {func(_, c [][]string) { slices.Reverse(c[1:3]) }, Fits},
		"parents' keys change places": {func(p, c [][]string) { renamed(p, c) }, Fits},
		"a child of the other parent": {func(_, c [][]string) { swap(&c[0][1], &c[2][1]) }, Violation},
		"the text names the other":    {func(_, c [][]string) { swap(&c[0][3], &c[1][3]) }, Violation},
		"a key that does not exist":   {func(_, c [][]string) { c[0][1] = "77" }, Violation},
		"the number within the key":   {func(_, c [][]string) { c[0][2] = "2" }, Violation},
		"a UUID of another":           {func(_, c [][]string) { swap(&c[0][4], &c[1][4]) }, Violation},
	} {
		if got := judge().Judge(family(4_000_000, c.edit)); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// renamed has the two parents' keys change places, wherever they stand.
func renamed(parents, children [][]string) {
	one, other := parents[0][0], parents[1][0]
	r := strings.NewReplacer(one, other, other, one)
	for _, rows := range [][][]string{parents, children} {
		for _, row := range rows {
			for c := range row {
				if len(row[c]) < 36 { // no UUID
					row[c] = r.Replace(row[c])
				}
			}
		}
	}
}

// TestGapsInKeys: attempts that failed leave gaps in sequences; what is written beside the keys stays.
func TestGapsInKeys(t *testing.T) {
	n := &note{value: func(id int, _ string) string { return fmt.Sprint("note ", id) }}
	j, err := n.learned()
	if err != nil {
		t.Fatal(err)
	}
	far := func(o *Outcome) {
		o.Tables[0].Rows[1] = []string{"50000000", "b", "note 50000000"}
		o.Answers[1] = ok("b", `{"id": 50000000}`)
	}
	if got := j.Judge(n.outcome([]int{0, 1}, 12_345_678, far)); got != Fits {
		t.Errorf("a gap: %v, want that it fits", got)
	}
	told := func(o *Outcome) { o.Answers[1] = ok("b", `{"id": 50000000}`) }
	if got := j.Judge(n.outcome([]int{0, 1}, 12_345_678, told)); got != Violation {
		t.Errorf("another key than the row's in the answer: %v, want a violation", got)
	}
}

// TestRefusedStays: who was refused takes part in the serial order, where it must be refused too; only if none fits is it left out.
func TestRefusedStays(t *testing.T) {
	log := func(lines ...string) []Table {
		t := Table{Name: "log", Columns: []string{"line"}}
		for _, l := range lines {
			t.Rows = append(t.Rows, []string{l})
		}
		return []Table{t}
	}
	j, err := New(log(), nil)
	if err != nil {
		t.Fatal(err)
	}
	none := Answer{}
	for _, s := range []struct {
		order []int
		o     *Outcome
	}{ // the second is refused, and that is written down
		{nil, &Outcome{Answers: []Answer{none, none}, Tables: log()}},
		{[]int{0}, &Outcome{Answers: []Answer{ok("a", ""), none}, Tables: log("a bought")}},
		{[]int{1}, &Outcome{Answers: []Answer{none, ok("b", "")}, Tables: log("b bought")}},
		{[]int{0, 1}, &Outcome{Answers: []Answer{ok("a", ""), refused("b")}, Tables: log("a bought", "b refused")}},
		{[]int{1, 0}, &Outcome{Answers: []Answer{refused("a"), ok("b", "")}, Tables: log("b bought", "a refused")}},
	} {
		if err := errors.Join(j.Add(s.order, s.o), j.Add(s.order, s.o)); err != nil {
			t.Fatal(err)
		}
	}
	failed := Answer{Given: true, Outcome: harness.Failed, Parts: Status("b", 503)}
	unknown := Answer{Given: true, Outcome: harness.Unknown, Parts: Status("b", 500)}
	for what, c := range map[string]struct {
		o    *Outcome
		want Verdict
	}{
		"refused, and written down":     {&Outcome{Answers: []Answer{ok("a", ""), refused("b")}, Tables: log("b refused", "a bought")}, Fits},
		"refused, and not written down": {&Outcome{Answers: []Answer{ok("a", ""), refused("b")}, Tables: log("a bought")}, LostSale},
		"refused, and it bought":        {&Outcome{Answers: []Answer{ok("a", ""), refused("b")}, Tables: log("a bought", "b bought")}, Violation},
		"both refused":                  {&Outcome{Answers: []Answer{refused("a"), refused("b")}, Tables: log()}, LostSale},
		"bought, and written as not":    {&Outcome{Answers: []Answer{ok("a", ""), ok("b", "")}, Tables: log("a bought", "b refused")}, Violation},
		"an error, and nothing came":    {&Outcome{Answers: []Answer{ok("a", ""), unknown}, Tables: log("a bought")}, Error},
		"an error, and it was refused":  {&Outcome{Answers: []Answer{ok("a", ""), unknown}, Tables: log("a bought", "b refused")}, Error},
		"it says that it did not":       {&Outcome{Answers: []Answer{ok("a", ""), failed}, Tables: log("a bought", "b refused")}, Violation},
	} {
		if got := j.Judge(c.o); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// TestLists: a list in an answer has no order, but what is in one item stays together, and with what it is in.
func TestLists(t *testing.T) {
	const was = `{"orders": [{"who": "a", "lines": [{"n": 1}, {"n": 2}]}, {"who": "b", "lines": [{"n": 3}, {"n": 3}]}], "more": null, "none": [], "nothing": {}}`
	n := &note{value: func(int, string) string { return "x" }, body: func(int, string) string { return was }}
	j, err := n.learned()
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]Verdict{
		was: Fits,
		`{"none": [], "more": null, "nothing": {}, "orders": [{"who": "b", "lines": [{"n": 3}, {"n": 3}]}, {"lines": [{"n": 2}, {"n": 1}], "who": "a"}]}`: Fits,
		`{"orders": [{"who": "a", "lines": [{"n": 3}, {"n": 3}]}, {"who": "b", "lines": [{"n": 1}, {"n": 2}]}], "more": null, "none": [], "nothing": {}}`: Violation,
		`{"orders": [{"who": "a", "lines": [{"n": 1}, {"n": 3}]}, {"who": "b", "lines": [{"n": 2}, {"n": 3}]}], "more": null, "none": [], "nothing": {}}`: Violation,
		`{"orders": [{"who": "a", "lines": [{"n": 1}, {"n": 2}]}, {"who": "b", "lines": [{"n": 3}]}], "more": null, "none": [], "nothing": {}}`:           Violation,

		`{"orders": [], "more": null, "none": [], "nothing": {}}`: Violation,
		strings.Replace(was, "null", `"null"`, 1):                 Violation,
		strings.Replace(was, "null", `[]`, 1):                     Violation,
		strings.Replace(was, "null", `{}`, 1):                     Violation,
		strings.Replace(was, `, "none": []`, ``, 1):               Violation,
		strings.Replace(was, `, "nothing": {}`, ``, 1):            Violation,
		strings.Replace(was, `, "more": null`, ``, 1):             Violation,
		strings.Replace(was, `"n": 1`, `"n": 1, "m": 2`, 1):       Violation,
	} {
		got := j.Judge(n.outcome([]int{0, 1}, 12_345_678, func(o *Outcome) { o.Answers[1] = ok("b", body) }))
		if got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}

// TestListsDiffer: a program that gives a list in another order each time is deterministic, also where items have lists of their own.
func TestListsDiffer(t *testing.T) {
	bodies := []string{`[{"who": "a", "of": [1, 2]}, {"who": "b", "of": [3]}]`, `[{"who": "b", "of": [3]}, {"who": "a", "of": [2, 1]}]`, `[{"who": "b", "of": [1, 2]}, {"who": "a", "of": [3]}]`}
	n := &note{value: func(int, string) string { return "x" }, body: func(id int, _ string) string { return bodies[min(1, id/9_000_000)] }}
	if _, err := n.learned(); err != nil {
		t.Errorf("%v, want that only the order differs", err)
	}
	n.body = func(id int, _ string) string { return bodies[2*min(1, id/9_000_000)] }
	var differ *DifferError
	if _, err := n.learned(); !errors.As(err, &differ) {
		t.Errorf("%v, want that it is not deterministic", err)
	}
}

// TestCulprit: the one column that differs is named, as ignore takes it.
func TestCulprit(t *testing.T) {
	n := &note{value: func(int, string) string { return "1 attempt" }, body: func(int, string) string { return `{"tries": 1}` }}
	for want, edit := range map[string]func(*Outcome){
		"notes.value":        func(o *Outcome) { o.Tables[0].Rows[1][2] = "2 attempts" },
		"answers.body.tries": func(o *Outcome) { o.Answers[1] = ok("b", `{"tries": 2}`) },
	} {
		j, err := n.learned()
		if err != nil {
			t.Fatal(err)
		}
		o := n.outcome([]int{0, 1}, 12_345_678, edit)
		if got := j.Culprits(o); j.Judge(o) != Violation || len(got) != 1 || got[0].String() != want {
			t.Fatalf("%v, want %s", got, want)
		}
		if j, err = n.learned(want); err != nil || j.Judge(o) != Fits {
			t.Errorf("with ignore: %s it is not accepted: %v", want, err)
		}
	}
	if _, err := n.learned("notes.valu"); err == nil {
		t.Error("ignore: takes a column that there is not")
	}
}

// TestRecent: what was written just now is told from what was written before, in whatever zone.
func TestRecent(t *testing.T) {
	now := time.Date(2026, 11, 28, 16, 0, 1, 0, time.UTC)
	for value, want := range map[string]bool{
		"2026-11-28 16:00:00": true, "2026-11-28T21:30:01.5+05:30": true, "1795881600": true, "1795881600123": true, "written at 2026-11-28 16:00:02": true,
		"20261128160000": true, "16:00:00": true,
		"2026-11-28 15:59:30": false, "2026-11-27 12:00:00": false, "2020-01-01 16:00:00": false, "1795881000": false, "2026-11-28": false, "a hat": false, "17": false,
	} {
		if got := Recent([]Table{{Columns: []string{"made"}, Rows: [][]string{{value}}}}, now); got != want {
			t.Errorf("%s: %v, want %v", value, got, want)
		}
	}
}
