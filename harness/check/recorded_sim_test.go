package check

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// store is a store as one client would find it: what it answers to an operation, and whether the operation is possible.
type store interface {
	draw(t *rapid.T) (f string, value any)
	apply(f string, value any) (answer any, possible bool)
}

// drawRecording lets a few clients use a store at once: each operation takes effect at one moment between its invocation and its
// completion, or not at all, and now and then nobody learns which.
func drawRecording(t *rapid.T, s store) []history.Event {
	type under struct {
		f             string
		value, answer any
		applied       bool
	}
	var events []history.Event
	const clients = 3
	var open [clients]*under
	process := [clients]int64{0, 1, 2}
	for range rapid.IntRange(0, 60).Draw(t, "steps") {
		c := rapid.IntRange(0, clients-1).Draw(t, "client")
		op := open[c]
		switch fate := rapid.IntRange(0, 9).Draw(t, "fate"); {
		case op == nil:
			op = &under{}
			op.f, op.value = s.draw(t)
			open[c] = op
			events = append(events, invoke(process[c], op.f, op.value))
		case fate == 0: // unknown, whether it was applied or not; it may still be
			events = append(events, info(process[c], op.f, op.value))
			if !op.applied && rapid.Bool().Draw(t, "at last") {
				s.apply(op.f, op.value)
			}
			open[c] = nil
			process[c] += clients
		case !op.applied:
			if op.answer, op.applied = s.apply(op.f, op.value); !op.applied {
				events = append(events, fail(process[c], op.f, op.value))
				open[c] = nil
			}
		default:
			events = append(events, ok(process[c], op.f, op.answer))
			open[c] = nil
		}
	}
	return events
}

type bankStore []int64

func (b bankStore) draw(t *rapid.T) (string, any) {
	if rapid.Bool().Draw(t, "read") {
		return "read", nil
	}
	return "transfer", transfer()
}

func (b bankStore) apply(f string, value any) (any, bool) {
	if f == "read" {
		return accounts(n(b[0]), n(b[1])), true
	}
	if b[0] == 0 {
		return nil, false
	}
	b[0], b[1] = b[1]+1, b[0]-1
	return value, true
}

type setStore map[int64]bool

func (s setStore) draw(t *rapid.T) (string, any) {
	if rapid.Bool().Draw(t, "read") {
		return "read", nil
	}
	return "add", rapid.Int64Range(0, 1000).Draw(t, "element")
}

func (s setStore) apply(f string, value any) (any, bool) {
	if f == "add" {
		s[value.(int64)] = true
		return value, true
	}
	var all []any
	for _, v := range slices.Sorted(maps.Keys(s)) {
		all = append(all, v)
	}
	return all, true
}

// bagStore is a queue that keeps no order. Elements may be alike.
type bagStore struct {
	elements []any
	drains   bool
}

func (s *bagStore) draw(t *rapid.T) (string, any) {
	switch k := rapid.IntRange(0, 4).Draw(t, "function"); {
	case k < 2:
		return "enqueue", rapid.Int64Range(0, 20).Draw(t, "element")
	case k == 2 && s.drains:
		return "drain", nil
	}
	return "dequeue", nil
}

func (s *bagStore) apply(f string, value any) (any, bool) {
	switch {
	case f == "enqueue":
		s.elements = append(s.elements, value)
		return value, true
	case f == "drain":
		all := append([]any{}, s.elements...)
		s.elements = nil
		return all, true
	case len(s.elements) == 0:
		return nil, false
	}
	last := len(s.elements) - 1
	taken := s.elements[last]
	s.elements = s.elements[:last]
	return taken, true
}

type idStore struct{ last int64 }

func (s *idStore) draw(*rapid.T) (string, any) { return "generate", nil }

func (s *idStore) apply(string, any) (any, bool) {
	s.last++
	return s.last, true
}

// tableStore is rows that are inserted and read together.
type tableStore struct {
	rows []any
	last int64
}

func (s *tableStore) draw(t *rapid.T) (string, any) {
	if rapid.Bool().Draw(t, "read") {
		return "read", nil
	}
	s.last++
	return "write", s.last
}

func (s *tableStore) apply(f string, value any) (any, bool) {
	if f == "read" {
		return append([]any{}, s.rows...), true
	}
	s.rows = append(s.rows, value)
	return value, true
}

type pairStore map[int64]bool

func (s pairStore) draw(t *rapid.T) (string, any) {
	return "insert", vec(rapid.Int64Range(0, 5).Draw(t, "key"), vec(nil, n(1)))
}

func (s pairStore) apply(_ string, value any) (any, bool) {
	key := value.([]any)[0].(int64)
	there := s[key]
	s[key] = true
	return value, !there
}

type counterStore struct{ count int64 }

func (s *counterStore) draw(t *rapid.T) (string, any) {
	if rapid.Bool().Draw(t, "read") {
		return "read", nil
	}
	return "add", rapid.Int64Range(0, 3).Draw(t, "by")
}

func (s *counterStore) apply(f string, value any) (any, bool) {
	if f == "read" {
		return s.count, true
	}
	s.count += value.(int64)
	return value, true
}

type forkStore map[int64]bool

func (s forkStore) draw(t *rapid.T) (string, any) {
	key := int64(len(s))
	if s[key-1] || len(s) == 0 {
		s[key] = false
		return "write", vec(vec(history.Keyword("w"), key, n(1)))
	}
	key = rapid.Int64Range(0, 3).Draw(t, "group") * 2
	return "read", reads(key, nil, key+1, nil)
}

func (s forkStore) apply(f string, value any) (any, bool) {
	ops := value.([]any)
	if f == "write" {
		s[ops[0].([]any)[1].(int64)] = true
		return value, true
	}
	var found []any
	for _, op := range ops {
		key := op.([]any)[1].(int64)
		if s[key] {
			found = append(found, key, n(1))
		} else {
			found = append(found, key, nil)
		}
	}
	return reads(found...), true
}

// registerStore has several keys. With fresh values each is written once.
type registerStore struct {
	values [3]any
	fresh  bool
	last   int64
}

func (s *registerStore) draw(t *rapid.T) (string, any) {
	key := rapid.Int64Range(0, 2).Draw(t, "key")
	s.last++
	value := s.last
	if !s.fresh {
		value = rapid.Int64Range(0, 2).Draw(t, "value")
	}
	switch rapid.IntRange(0, 3).Draw(t, "function") {
	case 0:
		return "write", vec(key, value)
	case 1:
		return "cas", vec(key, vec(s.values[key], value))
	}
	return "read", vec(key, nil)
}

func (s *registerStore) apply(f string, value any) (any, bool) {
	key, what := value.([]any)[0].(int64), value.([]any)[1]
	switch f {
	case "write":
		s.values[key] = what
	case "cas":
		if s.values[key] != what.([]any)[0] {
			return nil, false
		}
		s.values[key] = what.([]any)[1]
	default:
		return vec(key, s.values[key]), true
	}
	return value, true
}

// multiStore is two registers that transactions read and write together.
type multiStore [2]any

func (s *multiStore) draw(t *rapid.T) (string, any) {
	var steps []any
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		if key := rapid.Int64Range(0, 1).Draw(t, "key"); rapid.Bool().Draw(t, "read") {
			steps = append(steps, "read", key, nil)
		} else {
			steps = append(steps, "write", key, rapid.Int64Range(0, 2).Draw(t, "value"))
		}
	}
	return "txn", txn(steps...)
}

func (s *multiStore) apply(_ string, value any) (any, bool) {
	var steps []any
	for _, v := range value.([]any) {
		op := v.([]any)
		verb, key := string(op[0].(history.Keyword)), op[1].(int64)
		if verb == "write" {
			s[key] = op[2]
		}
		steps = append(steps, verb, key, s[key])
	}
	return txn(steps...), true
}

// textStore is texts under two keys.
type textStore [2]string

func (s *textStore) draw(t *rapid.T) (string, any) {
	key := rapid.Int64Range(0, 1).Draw(t, "key")
	switch rapid.IntRange(0, 5).Draw(t, "function") {
	case 0:
		return "put", vec(key, rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "text"))
	case 1, 2:
		return "append", vec(key, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "text"))
	}
	return "get", vec(key, nil)
}

func (s *textStore) apply(f string, value any) (any, bool) {
	key := value.([]any)[0].(int64)
	switch f {
	case "put":
		s[key] = value.([]any)[1].(string)
	case "append":
		s[key] += value.([]any)[1].(string)
	default:
		return vec(key, s[key]), true
	}
	return value, true
}

type mutexStore struct{ held bool }

func (s *mutexStore) draw(t *rapid.T) (string, any) {
	return rapid.SampledFrom([]string{"acquire", "release"}).Draw(t, "function"), nil
}

func (s *mutexStore) apply(f string, _ any) (any, bool) {
	if s.held == (f == "acquire") {
		return nil, false
	}
	s.held = !s.held
	return nil, true
}

// worldsRecorded are the workloads with a store that does them right, and a way to spoil what it did: spoil reports what must
// be named, or nothing if there is nothing to spoil.
var worldsRecorded = []struct {
	name, workload string
	store          func() store
	spoil          func(events []history.Event) (spoiled []history.Event, anomaly string)
}{
	{"bank", "bank", func() store { return bankStore{3, 3} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "read", nil, accounts(n(3), n(3)))...), done(90, "read", nil, accounts(n(3), n(4)))...), "wrong-total"
	}},
	{"set", "set", func() store { return setStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "add", n(7), n(7))...), done(90, "read", nil, vec())...), "lost"
	}},
	{"set-full", "set-full", func() store { return setStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "add", n(7), n(7))...), done(90, "read", nil, vec())...), "lost"
	}},
	{"counter", "counter", func() store { return &counterStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "add", n(1), n(1))...), done(90, "read", nil, n(0))...), "count-too-low"
	}},
	{"queue", "queue", func() store { return &bagStore{drains: true} }, func(events []history.Event) ([]history.Event, string) {
		return append(events, done(90, "dequeue", nil, n(700))...), "unexpected"
	}},
	{"total-queue", "total-queue", func() store { return &bagStore{} }, func(events []history.Event) ([]history.Event, string) {
		for v := range int64(len(events) + 1) { // more than there can be dequeues of unknown outcome
			events = append(events, done(90, "enqueue", v+100, v+100)...)
		}
		return append(events, done(90, "drain", nil, vec())...), "lost"
	}},
	{"total-queue with drains", "total-queue", func() store { return &bagStore{drains: true} }, func(events []history.Event) ([]history.Event, string) {
		return append(events, done(90, "drain", nil, vec(n(700)))...), "unexpected"
	}},
	{"unique-ids", "unique-ids", func() store { return &idStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "generate", nil, n(700))...), done(90, "generate", nil, n(700))...), "duplicated"
	}},
	{"causal-reverse", "causal-reverse", func() store { return &tableStore{} }, func(events []history.Event) ([]history.Event, string) {
		events = append(append(events, done(90, "write", n(700), n(700))...), done(90, "write", n(701), n(701))...)
		return append(events, done(90, "read", nil, vec(n(701)))...), "causal-reverse"
	}},
	{"adya-g2", "adya-g2", func() store { return pairStore{} }, func(events []history.Event) ([]history.Event, string) {
		row := vec(n(70), vec(nil, n(1)))
		return append(append(events, done(90, "insert", row, row)...), done(90, "insert", row, row)...), "G2"
	}},
	{"long-fork", "long-fork", func() store { return forkStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "read", reads(n(90), nil, n(91), nil), reads(n(90), n(1), n(91), nil))...),
			done(90, "read", reads(n(90), nil, n(91), nil), reads(n(90), nil, n(91), n(1)))...), "long-fork"
	}},
	{"registers", "cas-register", func() store { return &registerStore{} }, staleRead},
	{"registers of fresh values", "cas-register", func() store { return &registerStore{fresh: true} }, staleRead},
	{"multi-register", "multi-register", func() store { return &multiStore{} }, func(events []history.Event) ([]history.Event, string) {
		write := txn("write", n(0), n(70), "write", n(1), n(70))
		return append(append(events, done(90, "txn", write, write)...), done(90, "txn", nil, txn("read", n(0), n(70), "read", n(1), n(71)))...), "nonlinearizable"
	}},
	{"kv", "kv", func() store { return &textStore{} }, func(events []history.Event) ([]history.Event, string) {
		return append(append(events, done(90, "append", vec(n(1), "z"), vec(n(1), "z"))...), done(90, "get", vec(n(1), nil), vec(n(1), "zz"))...), "nonlinearizable"
	}},
	{"mutex", "mutex", func() store { return &mutexStore{} }, func(events []history.Event) ([]history.Event, string) {
		for range len(events) + 2 { // more than there can be releases that may have come between
			events = append(events, done(90, "acquire", nil, nil)...)
		}
		return events, "nonlinearizable"
	}},
}

// staleRead appends a read of what two later writes have replaced.
func staleRead(events []history.Event) ([]history.Event, string) {
	for v := range int64(3) {
		value := vec(n(1), v+1000)
		events = append(events, done(90, "write", value, value)...)
	}
	return append(events, done(90, "read", vec(n(1), nil), vec(n(1), n(1000)))...), "nonlinearizable"
}

// TestRecordedStores: a store that does things right is never accused, and a spoiled history of it always is, by name.
func TestRecordedStores(t *testing.T) {
	for _, w := range worldsRecorded {
		t.Run(w.name, func(t *testing.T) {
			safe := 0
			rapid.Check(t, func(t *rapid.T) {
				for range 10 {
					events := record(drawRecording(t, w.store()))
					v, err := Recorded(t.Context(), w.workload, events, RecordedOptions{Linearizable: true})
					if err != nil || v.Verdict == harness.Unsafe {
						t.Fatalf("a right store: %+v, %v", v, err)
					}
					if v.Verdict == harness.Safe {
						safe++
					}
					spoiled, anomaly := w.spoil(slices.Clone(events))
					v, err = Recorded(t.Context(), w.workload, record(spoiled), RecordedOptions{})
					if err != nil || !slices.Contains(v.Anomalies, anomaly) {
						t.Fatalf("a spoiled history: %+v, %v; want %s", v, err, anomaly)
					}
				}
			})
			if safe == 0 {
				t.Error("no history was judged safe")
			}
		})
	}
}

// TestAnyEvents: whatever the values are, there is a verdict or an error.
func TestAnyEvents(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		return rapid.Custom(func(t *rapid.T) any {
			inner := func(what string) any { return value(depth-1).Draw(t, what) }
			switch k := rapid.IntRange(0, 9).Draw(t, "kind"); {
			case k == 0:
				return nil
			case k == 1:
				return history.Keyword(rapid.SampledFrom([]string{"r", "w", "from", "x"}).Draw(t, "keyword"))
			case k == 2:
				return rapid.SampledFrom([]any{true, 1.5, "text", history.Symbol("s")}).Draw(t, "other")
			case k < 6 || depth == 0:
				return rapid.Int64Range(-2, 3).Draw(t, "number")
			case k == 6:
				return history.Set{inner("a"), inner("b")}
			case k == 7:
				return history.Map{{Key: inner("key"), Value: inner("value")}}
			case k == 8:
				return history.Tagged{Tag: "jepsen.independent.Tuple", Value: inner("tagged")}
			}
			list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
			for i := range list {
				list[i] = inner("element")
			}
			return list
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SampledFrom(recordedWorkloads).Draw(t, "workload")
		var events []history.Event
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			e := said(history.EventType(rapid.IntRange(0, 3).Draw(t, "type")), rapid.Int64Range(-1, 2).Draw(t, "process"),
				rapid.SampledFrom(w.functions).Draw(t, "function"), value(3).Draw(t, "value"))
			events = append(events, e)
		}
		v, err := Recorded(t.Context(), w.name, record(events), RecordedOptions{})
		if (err == nil) == (v.Verdict == "") || v.Verdict != "" && v.Reason == "" {
			t.Fatalf("neither a verdict nor an error: %+v, %v", v, err)
		}
	})
}
