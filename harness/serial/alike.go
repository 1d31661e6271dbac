package serial

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Alike judges clients who all carry out one operation, alike but for who they are: whoever comes first, the same comes of it once
// clients are renamed. So one serial order stands for all. That they are alike is not believed but found: of some orders that were run
// what came must be the same.
type Alike struct {
	judge *Judge
	names []string
	start map[string][][]string // by table: its rows
	first []*Outcome            // after 0, 1, … clients, in the first order that was run
	forms map[form]string
	at    int // of the judge's learned
}

// form is one of an outcome of a serial order: after so many clients, with the answers of some outcomes.
type form struct {
	after   int
	counts  counted
	without Column
}

// counted says which answers count.
type counted int

const (
	allTold counted = iota // what tells that it happened, or that it was refused
	oks
	okKinds // that it is ok, and nothing else of it
	none
)

func (k counted) counts(o harness.Outcome) bool {
	return k == allTold && (o == harness.OK || o == harness.Rejected) || (k == oks || k == okKinds) && o == harness.OK
}

// UnlikeError says that it matters which client comes first.
type UnlikeError struct{ err error }

func (e *UnlikeError) Error() string {
	text := "it matters which client comes first"
	var differ *DifferError
	if errors.As(e.err, &differ) {
		text += " (" + differ.Column.String() + ")"
	}
	return text
}

// Unwrap is how two orders differ.
func (e *UnlikeError) Unwrap() error { return e.err }

// NewAlike makes a judge for clients who find the seed. values are those of each client, the first of them its name: words that stand for
// it, in answers and tables.
func NewAlike(start []Table, ignore []string, values [][]string) (*Alike, error) {
	j, err := New(start, ignore)
	if err != nil {
		return nil, err
	}
	a := &Alike{judge: j, start: map[string][][]string{}}
	for _, t := range start {
		a.start[t.Name] = t.Rows
	}
	j.who = who{}
	for _, v := range values {
		a.names = append(a.names, v[0])
		for _, word := range v {
			j.who[word] = v[0]
		}
	}
	return a, nil
}

// Add takes in a serial execution of all clients: what had come of it before the first, after the first, and so on. A *DifferError: it
// differs from an earlier one in the same order; an *UnlikeError: from one in another.
func (a *Alike) Add(order []int, after []*Outcome) error {
	if a.first == nil {
		a.first = after
	}
	for m, o := range after {
		pooled := a.pool(o, allTold)
		a.notice(pooled)
		if err := a.judge.Add(order[:m], pooled); err != nil {
			return err
		}
		if err := a.compare(a.pool(a.first[m], allTold), pooled); err != nil {
			return &UnlikeError{err}
		}
	}
	return nil
}

// compare learns what differs between two orders.
func (a *Alike) compare(first, other *Outcome) error {
	err := a.judge.learn(first, other)
	if err == nil {
		return nil
	}
	before := maps.Clone(a.judge.masks)
	for _, t := range other.Tables { // columns that may hold who it is
		for c, name := range t.Columns {
			if t.Keys[name] == "" && t.Links[name] == "" && a.judge.who.in(column(t, c)) {
				a.judge.widen(Column{t.Name, name}, mask{clients: true})
			}
		}
	}
	if a.judge.learn(first, other) != nil {
		a.judge.masks = before
		a.judge.learned++
		return err
	}
	return nil
}

// notice has columns that hold nothing but a client's name be those of clients.
func (a *Alike) notice(o *Outcome) {
	for _, t := range o.Tables {
		for c, name := range t.Columns {
			col := Column{t.Name, name}
			if a.judge.masks[col].clients || t.Links[name] != "" || t.Keys[name] != "" {
				continue
			}
			if slices.ContainsFunc(t.Rows, func(r []string) bool { return slices.Contains(a.names, r[c]) }) {
				a.judge.widen(col, mask{clients: true})
			}
		}
	}
}

// answersOf is how the tables of answers are called, once it does not matter whose they are.
const answersOf = answerOf + "all"

// rowKey is another text for each other row.
func rowKey(r []string) string { return fmt.Sprintf("%q", r) }

// gone is the column that says of a row that it was there at the start and is not there any more.
const gone = "(gone)"

// changes are what a table holds more than at the start, and what it held: what others hold besides makes no client another one.
func (a *Alike) changes(t *Table) Table {
	left := map[string][][]string{}
	for _, r := range a.start[t.Name] {
		key := rowKey(r)
		left[key] = append(left[key], r)
	}
	out := Table{Name: t.Name, Columns: append(slices.Clone(t.Columns), gone), Keys: t.Keys}
	for _, r := range t.Rows {
		key := rowKey(r)
		if n := len(left[key]); n > 0 {
			left[key] = left[key][:n-1]
			continue
		}
		out.Rows = append(out.Rows, append(slices.Clone(r), ""))
	}
	for _, rows := range left {
		for _, r := range rows {
			out.Rows = append(out.Rows, append(slices.Clone(r), gone))
		}
	}
	return out
}

// pool is an outcome in which it does not matter whose an answer is, but to what else names the client, and only what changed counts.
func (a *Alike) pool(o *Outcome, which counted) *Outcome {
	pooled := &Outcome{}
	for i := range o.Tables {
		pooled.Tables = append(pooled.Tables, a.changes(&o.Tables[i]))
	}
	answers := map[string]*Table{}
	for c := range o.Answers {
		if !o.Answers[c].Given || !which.counts(o.Answers[c].Outcome) {
			continue
		}
		own := answerOf + a.names[c]
		parts := o.Answers[c].Parts
		if which == okKinds {
			parts = []Table{{Name: own, Rows: [][]string{{}}}}
		}
		for _, t := range parts {
			name := answersOf + t.Name[min(len(own), len(t.Name)):]
			if answers[name] == nil {
				answers[name] = &Table{Name: name, Columns: []string{clientList}, Links: map[string]string{clientList: clientList}}
			}
			answers[name].take(&t, a.names[c])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		pooled.Tables = append(pooled.Tables, answers[name].sorted())
	}
	return pooled
}

// take adds the rows of a client's answer.
func (t *Table) take(own *Table, client string) {
	for _, r := range own.Rows {
		t.Rows = append(t.Rows, make([]string, len(t.Columns)))
		row := len(t.Rows) - 1
		t.Rows[row][0] = client
		for c, name := range own.Columns {
			at := slices.Index(t.Columns, name)
			if at < 0 {
				at = len(t.Columns)
				t.Columns = append(t.Columns, name)
				for i := range t.Rows {
					t.Rows[i] = append(t.Rows[i], "")
				}
			}
			if t.Rows[row][at] = r[c]; own.Links[name] != "" { // to a row of the same answer
				t.Links[name] = own.Links[name]
				t.Rows[row][at] = client + " " + r[c]
			}
		}
	}
}

// sorted has the columns behind the first in the order of their names.
func (t *Table) sorted() Table {
	order := make([]int, len(t.Columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order[1:], func(x, y int) int { return strings.Compare(t.Columns[x], t.Columns[y]) })
	out := Table{Name: t.Name, Links: t.Links}
	for _, c := range order {
		out.Columns = append(out.Columns, t.Columns[c])
	}
	for _, r := range t.Rows {
		row := make([]string, len(order))
		for i, c := range order {
			row[i] = r[c]
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Judge says what an execution is in which all clients took part.
func (a *Alike) Judge(o *Outcome) Verdict { return a.verdict(o, Column{}) }

func (a *Alike) verdict(o *Outcome, without Column) Verdict {
	n := map[harness.Outcome]int{}
	for i := range o.Answers {
		n[o.Answers[i].Outcome]++
	}
	told := n[harness.OK] + n[harness.Rejected]
	switch {
	case a.fits(o, allTold, told, told, without):
		if told < len(o.Answers) && !a.fails() {
			return Error
		}
		return Fits
	case n[harness.Rejected] > 0 && a.fits(o, oks, n[harness.OK], told, without):
		return LostSale
	case n[harness.Unknown] > 0 && a.fits(o, none, n[harness.OK], told+n[harness.Unknown], without): // some of those took effect
		return Error
	}
	return Violation
}

// fails reports whether a client is told of an error in the serial order, too.
func (a *Alike) fails() bool {
	return slices.ContainsFunc(a.first[len(a.first)-1].Answers, func(x Answer) bool { return x.Outcome != harness.OK && x.Outcome != harness.Rejected })
}

// fits reports whether after so many clients, from least to most, the same has come of a serial execution, as far as answers count.
func (a *Alike) fits(o *Outcome, which counted, least, most int, without Column) bool {
	own := a.judge.canon(a.pool(o, which), nil, without)
	for m := least; m <= min(most, len(a.first)-1); m++ {
		if own == a.form(form{m, which, without}) {
			return true
		}
	}
	return false
}

// form is the canonical form of what came of the serial order.
func (a *Alike) form(f form) string {
	if a.forms == nil || a.at != a.judge.learned {
		a.forms, a.at = map[form]string{}, a.judge.learned
	}
	if _, ok := a.forms[f]; !ok {
		a.forms[f] = a.judge.canon(a.pool(a.first[f.after], f.counts), nil, f.without)
	}
	return a.forms[f]
}

// After is what had come of the serial order after so many clients.
func (a *Alike) After(clients int) *Outcome { return a.first[clients] }

// Volatile are the columns of which something may differ.
func (a *Alike) Volatile() (all []Column) {
	for col, m := range a.judge.masks {
		if m.moments || m.randoms || len(m.sequences) > 0 {
			all = append(all, col)
		}
	}
	return all
}

// Learned is Judge.Learned.
func (a *Alike) Learned() int { return a.judge.learned }

// Culprits are the columns of which any one, if it did not count, would make the execution fit.
func (a *Alike) Culprits(o *Outcome) (all []Column) {
	for _, t := range a.pool(o, allTold).Tables {
		for _, name := range t.Columns {
			if col := (Column{t.Name, name}); !a.judge.isIgnored(col) && t.Links[name] == "" && a.verdict(o, col) == Fits {
				all = append(all, col)
			}
		}
	}
	return all
}
