package serial

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
)

// canon is a form of an outcome that is the same for outcomes which differ only in what masks allow for, and in the names of
// generated keys. who: the clients whose answers count; nil: all. without: a column that does not count.
func (j *Judge) canon(o *Outcome, who []bool, without Column) string {
	g := graph{judge: j, keys: j.newKeys(o), colours: map[string]uint64{}}
	tables := j.all(o, who)
	for _, t := range tables {
		for _, r := range t.Rows {
			g.add(&t, r, without)
		}
	}
	for kinds := -1; ; { // until nobody learns more from who refers to whom
		g.refine()
		if n := g.kinds(); n > kinds {
			kinds = n
			continue
		}
		break
	}
	return g.String()
}

// graph is an outcome as rows, joined by the keys that they hold.
type graph struct {
	judge   *Judge
	keys    keys
	rows    []row
	colours map[string]uint64 // of keys
}

// row is a row's fixed parts, and the keys between them.
type row struct {
	parts []string // of which those at odd places are keys
	hash  uint64
}

func (g *graph) add(t *Table, values []string, without Column) {
	r := row{parts: []string{t.Name}}
	for c, v := range values {
		col := Column{t.Name, t.Columns[c]}
		if col == without || g.judge.isIgnored(col) {
			continue
		}
		m := g.judge.masks[col]
		if s := t.Keys[col.Name]; s != "" {
			m.sequences = []string{s}
		}
		r.literal("\x00" + col.Name + "=")
		if list := t.Links[col.Name]; list != "" && v != "" {
			r.key("\x04" + list + "=" + v)
			continue
		}
		if m.empty() {
			r.literal(v)
			continue
		}
		for _, tok := range g.judge.tokens(v, &m, g.keys) {
			s := m.sequence(tok.text, g.keys)
			switch {
			case tok.shape == client:
				r.key("\x04" + clientList + "=" + g.judge.who[tok.text])
			case s != "":
				r.key(s + "=" + strings.TrimLeft(tok.text, "0"))
			case g.judge.seeded[tok.text]:
				r.literal(tok.text)
			case m.moments && tok.shape == moment:
				r.literal("\x02")
			case m.randoms && (tok.shape == random || tok.shape == word):
				r.key("\x03=" + tok.text)
			default:
				r.literal(tok.text)
			}
		}
	}
	g.rows = append(g.rows, r)
}

func (r *row) literal(text string) {
	if len(r.parts)%2 == 1 {
		r.parts[len(r.parts)-1] += text
	} else {
		r.parts = append(r.parts, text)
	}
}

func (r *row) key(key string) {
	if len(r.parts)%2 == 0 { // two keys without anything between
		r.parts = append(r.parts, "")
	}
	r.parts = append(r.parts, key)
}

var seed = maphash.MakeSeed()

// refine colours rows by their keys' colours, then keys by where they stand in which rows.
func (g *graph) refine() {
	next := map[string][]uint64{}
	for i := range g.rows {
		r := &g.rows[i]
		var h maphash.Hash
		h.SetSeed(seed)
		for p, part := range r.parts {
			if p%2 == 1 {
				part = strconv.FormatUint(g.colours[part], 36)
			}
			_, _ = h.WriteString(part) // it never fails
			_ = h.WriteByte(1)         // nor does this
		}
		r.hash = h.Sum64()
		for p := 1; p < len(r.parts); p += 2 {
			next[r.parts[p]] = append(next[r.parts[p]], r.hash+uint64(p))
		}
	}
	for key, places := range next {
		slices.Sort(places)
		var h maphash.Hash
		h.SetSeed(seed)
		for _, p := range places {
			_, _ = h.WriteString(strconv.FormatUint(p, 36) + ",")
		}
		g.colours[key] = h.Sum64()
	}
}

// kinds is how many colours there are.
func (g *graph) kinds() int {
	seen := map[uint64]bool{}
	for i := range g.rows {
		seen[g.rows[i].hash] = true
	}
	for _, c := range g.colours {
		seen[c] = true
	}
	return len(seen)
}

func (g *graph) String() string {
	hashes := make([]uint64, len(g.rows))
	for i := range g.rows {
		hashes[i] = g.rows[i].hash
	}
	slices.Sort(hashes)
	var b strings.Builder
	for _, h := range hashes {
		b.WriteString(strconv.FormatUint(h, 36) + ",")
	}
	return b.String()
}
