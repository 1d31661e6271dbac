package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// setOrder is a set's operations, to be put in an order.
type setOrder struct {
	linear.Set
	r        *recording
	elements []any
	adds     []operation // by place in Adds
	reads    []operation // by place in Reads
	failed   map[int32]int32
}

// judgeSetOrder demands that a set is linearizable, additions and reads of the whole set together. What reads found that nobody tried
// to add is not judged.
func (r *recording) judgeSetOrder(ops []operation) error {
	s := &setOrder{r: r, failed: map[int32]int32{}}
	numbers := map[any]int32{}
	for _, op := range ops {
		if e := &r.events[op.invoke]; e.F == "add" {
			s.add(op, s.number(numbers, e.Value))
		}
	}
	for _, op := range ops {
		if r.events[op.invoke].F == "read" && op.outcome == history.OK {
			if err := s.read(op, numbers); err != nil {
				return err
			}
		}
	}
	s.Elements = len(s.elements)
	if p := linear.CheckSet(&s.Set); p.Kind != linear.SetFits {
		r.found("nonlinearizable", func() string { return s.text(&p) }, r.shownBy(s.events(&p)...))
	}
	return nil
}

func (s *setOrder) number(numbers map[any]int32, value any) int32 {
	n, again := numbers[asKey(value)]
	if !again {
		n = int32(len(s.elements))
		numbers[asKey(value)] = n
		s.elements = append(s.elements, value)
	}
	return n
}

func (s *setOrder) add(op operation, element int32) {
	l := linear.Op{Kind: linear.Write, Value: int64(element), Call: int64(op.invoke), Return: linear.Forever}
	switch op.outcome {
	case history.Fail:
		s.failed[element] = op.complete
		return
	case history.OK:
		l.Return = int64(op.complete)
	}
	s.Adds, s.adds = append(s.Adds, l), append(s.adds, op)
}

func (s *setOrder) read(op operation, numbers map[any]int32) error {
	found, err := s.r.read(op.complete)
	if err != nil {
		return err
	}
	read := linear.Whole{Call: int64(op.invoke), Return: int64(op.complete), Found: make([]int32, 0, len(found))}
	for _, v := range found {
		if n, ok := numbers[asKey(v)]; ok {
			read.Found = append(read.Found, n)
		}
	}
	s.Reads, s.reads = append(s.Reads, read), append(s.reads, op)
	return nil
}

func (s *setOrder) text(p *linear.SetProof) string {
	element := func(i int) string { return explainValue(s.elements[p.Elements[i]]) }
	read := func(i int) string { return "the read (" + s.lines(s.reads[p.Reads[i]]) + ")" }
	add := func(i int) string { return s.lines(s.adds[p.Adds[i]]) }
	switch p.Kind {
	case linear.NobodyAdded:
		return fmt.Sprintf("Element %s was found by %s. The addition of it failed (%s)", element(0), read(0), s.r.place(s.failed[p.Elements[0]]))
	case linear.TooEarly:
		return fmt.Sprintf("Element %s was found by %s, before the addition of it (%s) began", element(0), read(0), add(0))
	case linear.Missed:
		return fmt.Sprintf("Element %s was added (%s). %s began later and did not find it", element(0), add(0), sentence(read(0)))
	case linear.Vanished:
		return fmt.Sprintf("Element %s was found by %s. %s began later and did not find it", element(0), read(0), sentence(read(1)))
	case linear.Split:
		return fmt.Sprintf("%s found %s and not %s. %s found %s and not %s. Either was added first", sentence(read(0)), element(0), element(1),
			sentence(read(1)), element(1), element(0))
	default:
		return fmt.Sprintf("Element %s was added (%s) before the addition of %s (%s) began. But %s found %s and not %s", element(0), add(0),
			element(1), add(1), read(0), element(1), element(0))
	}
}

// events are those of the operations of a proof.
func (s *setOrder) events(p *linear.SetProof) (all []int32) {
	for _, i := range p.Adds {
		all = append(all, s.adds[i].invoke)
	}
	for _, i := range p.Reads {
		all = append(all, s.reads[i].invoke)
	}
	if p.Kind == linear.NobodyAdded {
		all = append(all, s.failed[p.Elements[0]])
	}
	return all
}

func (s *setOrder) lines(op operation) string {
	if op.outcome != history.OK {
		return s.r.place(op.invoke) + ", outcome unknown"
	}
	return s.r.place(op.invoke) + " to " + s.r.place(op.complete)
}
