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
			var value any
			if o.value >= 0 {
				v := *p
				v.at = o.value
				value = v.value()
			}
			s.operation(string(o.f), o.kind, value)
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
	return []string{"append", "register", "predicate", "bank", "set", "set-full", "counter", "long-fork", "cas-register", "mutex"}
}

// sniffer tells a workload by its operations.
type sniffer struct {
	workload  string
	clients   int
	functions map[string]bool

	micro       bool // some operation had micro-operations
	maps        bool // some read found a map
	collections int  // reads that found a collection
	numbers     int  // reads that found a number
}

func (s *sniffer) operation(f string, kind EventType, value any) {
	s.clients++
	if f != "" {
		s.functions[f] = true
	}
	if s.transaction(f, value) || f != "read" || kind != OK {
		return
	}
	switch v := value.(type) {
	case Map:
		s.maps = true
	case []any, Set:
		s.collections++
	case int64, float64:
		s.numbers++
	case Tagged:
		s.operation(f, kind, v.Value)
	}
}

// transaction looks at a value that consists of micro-operations.
func (s *sniffer) transaction(f string, value any) bool {
	steps, ok := value.([]any)
	if !ok || len(steps) == 0 {
		return false
	}
	for _, step := range steps {
		op, ok := step.([]any)
		if !ok || len(op) == 0 {
			return false
		}
		verb := ""
		switch v := op[0].(type) {
		case Keyword:
			verb = string(v)
		case string:
			verb = v
		}
		switch verb {
		case "append":
			s.workload = "append"
		case "insert", "rp":
			s.workload = "predicate"
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
	switch {
	case s.micro:
		return []string{"append", "register"}
	case only("acquire", "release"):
		return []string{"mutex"}
	case only("read", "transfer") && (s.functions["transfer"] || s.maps):
		return []string{"bank"}
	case only("add", "read") && s.functions["add"]:
		switch {
		case s.collections == 1 && s.numbers == 0:
			return []string{"set"}
		case s.collections > 1 && s.numbers == 0:
			return []string{"set-full"}
		case s.numbers > 0 && s.collections == 0:
			return []string{"counter"}
		}
		return []string{"set", "set-full", "counter"}
	case only("read", "write", "cas") && (s.functions["cas"] || s.collections == 0 && !s.maps):
		return []string{"cas-register"}
	}
	return nil
}
