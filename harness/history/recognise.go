package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// recognise says what a history's clients did. It is empty if there are no operations of clients.
func recognise(data []byte, in notation) (workload string, bad *unexpected) {
	p := &parser{data: data, in: in}
	s := sniffer{functions: map[string]bool{}}
	bad = parse(func() {
		for o := range p.ops {
			if !o.client {
				continue
			}
			s.operation(string(o.f), o.kind, p.valueOf(o))
			if s.workload != "" {
				return
			}
		}
	})
	if bad != nil {
		return "", bad
	}
	if s.workload != "" || s.clients == 0 {
		return s.workload, nil
	}
	fits := s.flat()
	if len(fits) == 1 {
		return fits[0], nil
	}
	could := "it fits none"
	if len(fits) > 0 {
		could = "it could be " + strings.Join(fits, " or ")
	}
	return "", &unexpected{0, fmt.Sprintf("lastseat does not recognise what the history's clients did (%s): name it with --workload (%s); its operations are called %s",
		could, strings.Join(Workloads(), ", "), strings.Join(slices.Sorted(maps.Keys(s.functions)), ", "))}
}

// Workloads are the names that Load takes for what histories of others hold.
func Workloads() []string {
	return []string{
		"append", "register", "mixed", "predicate", "closed-predicate", "bank", "set", "set-full", "counter", "queue", "total-queue", "fifo-queue", "unique-ids",
		"long-fork", "causal-reverse", "adya-g2", "cas-register", "multi-register", "kv", "mutex",
	}
}

// sniffer tells a workload by its operations.
type sniffer struct {
	workload  string
	clients   int
	functions map[string]bool

	inserts  bool // some operation inserted into a range or a universe of rows
	micro    bool // some operation had micro-operations
	unkeyed  bool // some value was not a key with a value
	plain    finds
	keyed    finds // the same, of what is left without the keys
	composed bool  // some write was of a collection, or of a key with one
}

// finds is what reads found.
type finds struct {
	maps        bool // some found a map
	collections int  // so many found a collection
	numbers     int  // so many found a number
	again       bool // several were of one thing
	seen        map[string]bool
}

func (f *finds) read(of string, value any) {
	f.again = f.again || f.seen[of]
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	f.seen[of] = true
	switch value.(type) {
	case Map:
		f.maps = true
	case []any, Set:
		f.collections++
	case int64, float64:
		f.numbers++
	}
}

func (s *sniffer) operation(f string, kind EventType, value any) {
	s.clients++
	if f != "" {
		s.functions[f] = true
	}
	if _, rows := value.(Map); rows && f == "init" {
		s.workload = "closed-predicate"
		return
	}
	if s.transaction(f, value) {
		return
	}
	if _, inner, ok := keyed(value); ok && s.transaction(f, inner) {
		return
	}
	key, inner, ok := keyed(value)
	s.unkeyed = s.unkeyed || !ok
	switch {
	case f == "write":
		s.composed = s.composed || isCollection(inner)
	case f == "read" && kind == OK:
		if t, tagged := value.(Tagged); tagged {
			value = t.Value
		}
		s.plain.read("", value)
		s.keyed.read(fmt.Sprint(key), inner)
	}
}

// keyed takes a value apart that is one of many keys': [key value], as jepsen.independent writes it. A value that is none stays as it is.
func keyed(value any) (key, inner any, ok bool) {
	if t, tagged := value.(Tagged); tagged {
		value = t.Value
	}
	if pair, isList := value.([]any); isList && len(pair) == 2 {
		return pair[0], pair[1], true
	}
	return nil, value, false
}

func isCollection(value any) bool {
	switch value.(type) {
	case []any, Set, Map:
		return true
	}
	return false
}

// transaction looks at a value that consists of micro-operations.
func (s *sniffer) transaction(f string, value any) bool {
	steps, ok := value.([]any)
	if !ok || len(steps) == 0 {
		return false
	}
	if slices.ContainsFunc(steps, isOfRows) {
		s.workload = "closed-predicate"
		return true
	}
	for _, step := range steps {
		op, ok := step.([]any)
		if !ok || len(op) == 0 {
			return false
		}
		switch verb := verbOf(op); verb {
		case "append":
			s.workload = "append"
		case "insert":
			s.inserts = true
		case "rp":
			s.workload = "predicate"
		case "write", "read":
			s.workload = "multi-register"
		case "w", "r":
			s.register(f, verb, op)
		default:
			return false
		}
		s.micro = true
		if s.workload != "" {
			return true
		}
	}
	return true
}

// verbOf is the name of a micro-operation, or empty.
func verbOf(op []any) string {
	switch v := op[0].(type) {
	case Keyword:
		return string(v)
	case string:
		return v
	}
	return ""
}

// isOfRows reports whether a micro-operation is one of Elle's closed predicates: it deletes a row, or reads rows by a predicate and not
// a range: [:rp :true {k v}], [:rp [:= 2] {k v}].
func isOfRows(step any) bool {
	op, ok := step.([]any)
	if !ok || len(op) < 2 || verbOf(op) != "delete" && verbOf(op) != "rp" {
		return false
	}
	if len(op) > 2 {
		if _, rows := op[2].(Map); rows {
			return true
		}
	}
	switch p := op[1].(type) {
	case Keyword:
		return p == "true" || verbOf(op) == "delete"
	case []any:
		return len(p) > 0 && (p[0] == Keyword("=") || p[0] == Keyword("mod"))
	}
	return verbOf(op) == "delete"
}

// register looks at a micro-operation that may be one of several workloads'.
func (s *sniffer) register(f, verb string, op []any) {
	if f == "read" || f == "write" {
		s.workload = "long-fork"
		return
	}
	if verb == "w" {
		s.workload = "register"
		return
	}
	if len(op) < 3 {
		return
	}
	switch op[2].(type) {
	case nil:
	case []any, Set:
		s.workload = "append"
	default:
		s.workload = "register"
	}
}

// flat are the workloads that operations without micro-operations fit.
func (s *sniffer) flat() []string {
	only := func(names ...string) bool {
		for f := range s.functions {
			if !slices.Contains(names, f) {
				return false
			}
		}
		return len(s.functions) > 0
	}
	reads := &s.plain
	if !s.unkeyed {
		reads = &s.keyed
	}
	switch {
	case s.inserts:
		return []string{"predicate"}
	case s.micro:
		return []string{"append", "register"}
	case only("get", "put", "append") && (s.functions["put"] || s.functions["append"]):
		return []string{"kv"}
	case only("acquire", "release"):
		return []string{"mutex"}
	case only("generate"):
		return []string{"unique-ids"}
	case only("insert") && !s.unkeyed:
		return []string{"adya-g2"}
	case only("enqueue", "dequeue", "drain"):
		if s.functions["drain"] {
			return []string{"total-queue"}
		}
		return []string{"queue"}
	case only("read", "transfer") && (s.functions["transfer"] || s.plain.maps):
		return []string{"bank"}
	case only("add", "read") && s.functions["add"]:
		switch {
		case reads.collections > 0 && reads.numbers == 0 && !reads.again:
			return []string{"set"}
		case reads.collections > 0 && reads.numbers == 0:
			return []string{"set-full"}
		case reads.numbers > 0 && reads.collections == 0:
			return []string{"counter"}
		}
		return []string{"set", "set-full", "counter"}
	case only("read", "write") && reads.collections > 0 && reads.numbers == 0 && !s.composed && !reads.maps:
		return []string{"causal-reverse"}
	case only("read", "write", "cas") && (s.functions["cas"] || reads.collections == 0 && !reads.maps):
		return []string{"cas-register"}
	}
	return nil
}
