package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/lastseat/lastseat/internal/names"
)

// reader reads the nodes of a file.
type reader struct{ file string }

// field reads the value of a key.
type field func(ast.Node) error

// entry is a key of a mapping, with its value.
type entry struct {
	key   string
	at    ast.Node
	value ast.Node
}

func (r *reader) errorf(at ast.Node, format string, args ...any) error {
	e := &Error{File: r.file, What: fmt.Sprintf(format, args...)}
	if at != nil && at.GetToken() != nil {
		e.Line, e.Column = at.GetToken().Position.Line, at.GetToken().Position.Column
	}
	return e
}

// entries are those of a mapping.
func (r *reader) entries(n ast.Node) (all []entry, err error) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, r.errorf(n, "keys with values are expected here, as in key: value")
	}
	seen := map[string]bool{}
	for _, v := range values {
		key := v.Key.GetToken().Value
		if seen[key] {
			return nil, r.errorf(v.Key, "the key %s is there twice", key)
		}
		seen[key] = true
		all = append(all, entry{key, v.Key, v.Value})
	}
	return all, nil
}

// fields reads a mapping whose keys are known; of names whose it is.
func (r *reader) fields(n ast.Node, of string, known map[string]field) error {
	entries, err := r.entries(n)
	if err != nil {
		return err
	}
	for _, e := range entries {
		read, ok := known[e.key]
		if !ok {
			return r.unknown(e, of, known)
		}
		if err := read(e.value); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) unknown(e entry, of string, known map[string]field) error {
	if of != "" {
		of = " of " + of
	}
	if near := names.Nearest(e.key, keysOf(known)); near != "" {
		return r.errorf(e.at, "unknown key %s%s; did you mean %s?", e.key, of, near)
	}
	return r.errorf(e.at, "unknown key %s%s; there are: %s", e.key, of, strings.Join(keysOf(known), ", "))
}

// scalar is the text of a node that has one.
func scalar(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// text reads a text with placeholders.
func (r *reader) text(to *string) field {
	return func(n ast.Node) error {
		if err := r.plain(to)(n); err != nil {
			return err
		}
		return r.placeholders(n, *to)
	}
}

// plain reads a text in which braces mean nothing: SQL.
func (r *reader) plain(to *string) field {
	return func(n ast.Node) error {
		text, ok := scalar(n)
		if !ok {
			return r.errorf(n, "one value is expected here; put a text that begins with { or [ in quotes")
		}
		*to = text
		return nil
	}
}

// list is a sequence, or what stands alone.
func list(n ast.Node) []ast.Node {
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	return []ast.Node{n}
}

func (r *reader) texts(to *[]string) field {
	return func(n ast.Node) error {
		for _, n := range list(n) {
			var text string
			if err := r.text(&text)(n); err != nil {
				return err
			}
			*to = append(*to, text)
		}
		return nil
	}
}

// sources reads SQL, a file of it (*.sql), or a command (run: …).
func (r *reader) sources(to *[]Source) field {
	return func(n ast.Node) error {
		for _, n := range list(n) {
			var s Source
			text, ok := scalar(n)
			switch {
			case !ok:
				if err := r.fields(n, "setup or seed", map[string]field{"run": r.text(&s.Run)}); err != nil {
					return err
				}
			case strings.HasSuffix(text, ".sql") && !strings.ContainsAny(text, ";\n"):
				s.File = text
			default:
				s.SQL = text
			}
			*to = append(*to, s)
		}
		return nil
	}
}

// pairs are names with texts, which read reads.
func (r *reader) pairs(n ast.Node, read func(*string) field) (all []Variable, err error) {
	entries, err := r.entries(n)
	for _, e := range entries {
		v := Variable{Name: e.key}
		if err := read(&v.Value)(e.value); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, err
}

func (r *reader) variables(to *[]Variable) field {
	return func(n ast.Node) (err error) {
		*to, err = r.pairs(n, r.text)
		return err
	}
}

// fail reads whether something fails.
func (r *reader) fail(to *bool) field {
	return func(n ast.Node) error {
		text, _ := scalar(n)
		if *to = text == "fail"; !*to && text != "count" {
			return r.errorf(n, "is %q, must be fail or count", text)
		}
		return nil
	}
}

// count reads a number from 1 on.
func (r *reader) count(to *int) field {
	return func(n ast.Node) (err error) {
		text, _ := scalar(n)
		if *to, err = strconv.Atoi(text); err != nil || *to < 1 || *to > maxCount {
			return r.errorf(n, "%q must be a number from 1 to %d", text, maxCount)
		}
		return nil
	}
}

// maxCount bounds copies and weights.
const maxCount = 1000

func (r *reader) duration(to *time.Duration) field {
	return func(n ast.Node) (err error) {
		text, _ := scalar(n)
		if *to, err = time.ParseDuration(text); err != nil || *to <= 0 {
			return r.errorf(n, "%q is no time: write it as 20ms", text)
		}
		return nil
	}
}

// matches reads what answers look like: a status, or {status, json, is, text}.
func (r *reader) matches(to *[]Match) field {
	return func(n ast.Node) error {
		for _, n := range list(n) {
			var m Match
			if text, ok := scalar(n); ok {
				m.Status = text
			} else if err := r.fields(n, "an answer", map[string]field{
				"status": r.text(&m.Status), "json": r.text(&m.JSON), "is": r.text(&m.Is), "text": r.text(&m.Text),
			}); err != nil {
				return err
			}
			if m.Status != "" && !status.MatchString(m.Status) {
				return r.errorf(n, "%q is no status: write 409, or 4xx; a text is {text: sold out}, a part of JSON {json: error.code, is: sold_out}", m.Status)
			}
			*to = append(*to, m)
		}
		return nil
	}
}
