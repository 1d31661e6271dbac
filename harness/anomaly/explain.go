package anomaly

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// maxTold bounds the transactions of a cycle that are told of: as many from its beginning as from its end.
const maxExplained = 24

// tell puts a cycle into words.
func explain(say explainer, c *cycle) *Cycle {
	n := len(c.txns)
	out := &Cycle{Omitted: max(n-maxExplained, 0)}
	for i, txn := range c.txns {
		if out.Omitted > 0 && i >= maxExplained/2 && i < n-maxExplained/2 {
			continue
		}
		next := (i + 1) % n
		out.Names = append(out.Names, say.name(txn))
		out.Texts = append(out.Texts, say.describe(txn))
		out.Spans = append(out.Spans, say.span(txn))
		out.Kinds = append(out.Kinds, c.kinds[i].String())
		out.Whys = append(out.Whys, say.why(txn, c.txns[next], c.kinds[i], letter(i), letter(next)))
	}
	return out
}

// Letter is what the i-th transaction that is told of is called: A, B, …, Z, then T27.
func (c *Cycle) Letter(i int) string {
	if c.Omitted > 0 && i >= maxExplained/2 {
		i += c.Omitted
	}
	return letter(i)
}

// letter is what the i-th transaction of a cycle is called: A, B, …, Z, then T27.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return fmt.Sprint("T", i+1)
}

func (c *Cycle) text() string {
	var b strings.Builder
	gap := func(i int) {
		if c.Omitted > 0 && i == maxExplained/2 {
			fmt.Fprintf(&b, "… and so on, %d more …\n", c.Omitted)
		}
	}
	for i, name := range c.Names {
		gap(i)
		fmt.Fprintf(&b, "%s = %s: %s\n", c.Letter(i), name, c.Texts[i])
	}
	for i, why := range c.Whys {
		gap(i)
		end := ";\n"
		if i == len(c.Whys)-1 {
			end = ". Each would have to come before itself."
		}
		next := (i + 1) % len(c.Whys)
		if c.Omitted > 0 && i == maxExplained/2-1 {
			fmt.Fprintf(&b, "%s before %s: %s%s", c.Letter(i), letter(i+1), why, end)
			continue
		}
		fmt.Fprintf(&b, "%s before %s: %s%s", c.Letter(i), c.Letter(next), why, end)
	}
	return b.String()
}

// why is the reason for an edge, with the values that prove it.
func (x *index) why(from, to int32, kind edgeKind, a, b string) string {
	switch kind {
	case process:
		return fmt.Sprintf("process %d did %s first", x.t.Process[from], a)
	case realtime:
		if len(x.t.Clock) > 0 && x.t.Clock[from] != x.t.Clock[to] {
			return fmt.Sprintf("%s was answered before %s began, by two clocks and whatever they are off", a, b)
		}
		return fmt.Sprintf("%s was answered (event %d) before %s began (event %d)", a, x.t.Complete[from], b, x.t.Invoke[to])
	}
	steps := x.t.Steps(to)
	for i := range steps {
		op := &steps[i]
		k := x.find(op.Key)
		switch {
		case kind == wr && !op.Write && op.Len != history.NotRead:
			v, ok := x.showed(op)
			if op.Kind == history.Sets {
				v, ok = x.inserted(from, op)
			}
			if ok && x.wrote(from, op.Key, v) {
				return fmt.Sprintf("%s wrote %s to %s, and %s read that", a, x.value(v), x.keyText(op.Key), b)
			}
		case kind == rwp && op.Write:
			if x.missed(from, op) {
				return fmt.Sprintf("%s inserted %s into %s, and %s read all of it without that", b, x.value(op.Value), x.keyText(op.Key), a)
			}
		case op.Write:
			if text := x.overwrote(k, from, to, op, kind, a, b); text != "" {
				return text
			}
		}
	}
	return fmt.Sprintf("by what they wrote (%s)", kind)
}
