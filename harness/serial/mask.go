package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mask is what of a column may differ between executions.
type mask struct {
	moments, randoms bool
	clients          bool     // words that stand for a client are that client, whatever it is called
	sequences        []string // whose keys its numbers are, in order; none: numbers are numbers
}

func (m mask) empty() bool { return !m.moments && !m.randoms && !m.clients && len(m.sequences) == 0 }

// sequence is which of the mask's sequences has generated a number; empty: none.
func (m mask) sequence(number string, k keys) string {
	for _, s := range k.of(number) {
		if slices.Contains(m.sequences, s) {
			return s
		}
	}
	return ""
}

// DifferError says that a program is not deterministic: two serial executions in the same order differ.
type DifferError struct {
	Column Column
	A, B   []string // what was there, and differs; none: it stands beside something else
}

func (e *DifferError) Error() string {
	if len(e.A)+len(e.B) == 0 {
		return fmt.Sprintf("%s stands beside other values after one run than after another in the same order", e.Column)
	}
	return fmt.Sprintf("%s holds %s after one run and %s after another in the same order", e.Column, list(e.A), list(e.B))
}

func list(values []string) string {
	const most = 3
	var out []string
	for _, v := range values[:min(len(values), most)] {
		out = append(out, fmt.Sprintf("%.60q", v))
	}
	if len(values) > most {
		out = append(out, "…")
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// learn takes in what differs between two executions of the same order.
func (j *Judge) learn(a, b *Outcome) error {
	x, y := j.all(a, nil), j.all(b, nil)
	if len(x) != len(y) {
		return &DifferError{Column: Column{"the answer", "shape"}}
	}
	keysA, keysB := j.newKeys(a), j.newKeys(b)
	for i := range x {
		if x[i].Name != y[i].Name || !slices.Equal(x[i].Columns, y[i].Columns) {
			return &DifferError{Column{x[i].Name, "columns"}, x[i].Columns, y[i].Columns}
		}
		for c, name := range x[i].Columns {
			col := Column{x[i].Name, name}
			left, right := apart(column(x[i], c), column(y[i], c))
			if j.isIgnored(col) || x[i].Links[name] != "" || len(left) == 0 && len(right) == 0 || x[i].Keys[name] != "" && len(left) == len(right) {
				continue
			}
			m, ok := j.explain(left, right, keysA, keysB, false)
			if j.who != nil && j.who.in(left) {
				if other, can := j.explain(left, right, keysA, keysB, true); can {
					m, ok = other, true
				}
			}
			if !ok {
				return &DifferError{col, left, right}
			}
			j.widen(col, m)
		}
	}
	return j.sameRows(a, b)
}

// sameRows is an error where two executions have the same values in each column, but not the same rows.
func (j *Judge) sameRows(a, b *Outcome) error {
	same := func(without Column) bool { return j.canon(a, nil, without) == j.canon(b, nil, without) }
	if same(Column{}) {
		return nil
	}
	for _, t := range j.all(a, nil) {
		for _, name := range t.Columns {
			if col := (Column{t.Name, name}); same(col) {
				return &DifferError{Column: col}
			}
		}
	}
	return &DifferError{Column: Column{"the tables", "rows"}}
}

// widen has a column's mask allow for what another does, too.
func (j *Judge) widen(col Column, m mask) {
	old := j.masks[col]
	m.moments, m.randoms, m.clients = m.moments || old.moments, m.randoms || old.randoms, m.clients || old.clients
	m.sequences = append(slices.Clone(m.sequences), old.sequences...)
	slices.Sort(m.sequences)
	m.sequences = slices.Compact(m.sequences)
	if m.moments != old.moments || m.randoms != old.randoms || m.clients != old.clients || !slices.Equal(m.sequences, old.sequences) {
		j.masks[col] = m
		j.learned++
	}
}

// column is the values of a column.
func column(t Table, c int) []string {
	values := make([]string, 0, len(t.Rows))
	for _, r := range t.Rows {
		values = append(values, r[c])
	}
	slices.Sort(values)
	return values
}

// apart leaves out what two sorted lists have in common.
func apart(a, b []string) (x, y []string) {
	for len(a) > 0 && len(b) > 0 {
		switch strings.Compare(a[0], b[0]) {
		case 0:
			a, b = a[1:], b[1:]
		case -1:
			x, a = append(x, a[0]), a[1:]
		default:
			y, b = append(y, b[0]), b[1:]
		}
	}
	return append(x, a...), append(y, b...)
}

// explain is the mask under which the values of two executions are the same; ok: there is one. clients: it may be that of who they are.
func (j *Judge) explain(a, b []string, keysA, keysB keys, clients bool) (m mask, ok bool) {
	if len(a) != len(b) {
		return m, false
	}
	found := candidates(a, keysA)
	maps.DeleteFunc(found, func(s string, _ bool) bool { return !candidates(b, keysB)[s] })
	all := slices.Sorted(maps.Keys(found))
	drawn := anyRandom(a, keysA) || anyRandom(b, keysB)
	var tries [][]string
	for _, s := range all {
		tries = append(tries, []string{s})
	}
	for _, sequences := range append(tries, all, nil) {
		m = mask{sequences: sequences, randoms: drawn, clients: clients}
		if slices.Equal(j.skeletons(&m, a, keysA), j.skeletons(&m, b, keysB)) {
			return m, true
		}
	}
	return m, false
}

// anyRandom reports whether some of the values hold what looks drawn.
func anyRandom(values []string, k keys) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		return slices.ContainsFunc(tokens(v, k), func(t token) bool { return t.shape == random })
	})
}

// candidates are the sequences that have generated some of the numbers in values.
func candidates(values []string, k keys) map[string]bool {
	all := map[string]bool{}
	for _, v := range values {
		for _, t := range tokens(v, k) {
			for _, s := range k.of(t.text) {
				all[s] = true
			}
		}
	}
	return all
}

// skeletons are what is left of values where all that may be volatile is left out; m notes what that was.
func (j *Judge) skeletons(m *mask, values []string, k keys) []string {
	out := make([]string, len(values))
	for i, v := range values {
		var b strings.Builder
		for _, t := range j.tokens(v, m, k) {
			switch {
			case t.shape == client:
				b.WriteString("\x04")
			case m.sequence(t.text, k) != "":
				b.WriteString("\x01")
			case j.seeded[t.text]:
				b.WriteString(t.text)
			case t.shape == moment:
				m.moments = true
				b.WriteString("\x02")
			case m.randoms && (t.shape == random || t.shape == word):
				b.WriteString("\x03")
			default:
				b.WriteString(t.text)
			}
		}
		out[i] = b.String()
	}
	slices.Sort(out)
	return out
}
