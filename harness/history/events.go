package history

// readEvents reads the operations of a file's clients, and counts those that began; of an answer without a beginning, the
// answer counts.
func readEvents(data []byte, in notation) (events []Event, operations int, bad *unexpected) {
	p := &parser{data: data, in: in}
	lines := lineCounter{data: data}
	open := map[int64]int{} // by process: how many began and did not end
	bad = parse(func() {
		position := int64(-1)
		for o := range p.ops {
			position++
			if !o.client {
				continue
			}
			e := Event{Type: o.kind, Process: o.process, F: string(o.f), Line: lines.of(o.at)}
			e.Time, e.Index = p.whole(o.time, "a time", 0), p.whole(o.index, "an index", position)
			e.Value = p.valueOf(o)
			events = append(events, e)
			switch {
			case e.Type == Invoke:
				open[e.Process]++
				operations++
			case open[e.Process] > 0:
				open[e.Process]--
			default:
				operations++
			}
		}
	})
	return events, operations, bad
}

// valueOf reads an operation's value. Where its map has a :key of its own, that is the value's key, as if jepsen.independent had written it.
func (p *parser) valueOf(o *rawOp) any {
	at := func(at int) any {
		if v := p.from(at); v != nil {
			return v.value()
		}
		return nil
	}
	if o.key >= 0 {
		return []any{at(o.key), at(o.value)}
	}
	return at(o.value)
}

// lineCounter knows the lines of positions that only grow.
type lineCounter struct {
	data []byte
	at   int
	line int // of at, from 0
}

func (l *lineCounter) of(at int) int {
	for ; l.at < at; l.at++ {
		if l.data[l.at] == '\n' {
			l.line++
		}
	}
	return l.line + 1
}
