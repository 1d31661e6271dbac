// Package yamlfile reads YAML that people write: its errors name the file, the line, and the key that was probably meant. In go the bytes of
// a file; out come entries with places. Start at Read.
package yamlfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/lastseat/lastseat/internal/names"
)

// Error is a mistake in a file.
type Error struct {
	File         string
	Line, Column int // from 1; 0: the file as a whole
	What         string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// File is what errors are told of.
type File string

// Entry is a key of a mapping, with its value.
type Entry struct {
	Key   string
	At    ast.Node
	Value ast.Node
}

// Errorf is a mistake at a node.
func (f File) Errorf(at ast.Node, format string, args ...any) error {
	e := &Error{File: string(f), What: fmt.Sprintf(format, args...)}
	if at != nil && at.GetToken() != nil {
		e.Line, e.Column = at.GetToken().Position.Line, at.GetToken().Position.Column
	}
	return e
}

// Read hands what the file consists of to read; needs says what a file has to have, for one that is empty.
func (f File) Read(text []byte, needs string, read func(ast.Node) error) (err error) {
	defer func() {
		if p := recover(); p != nil { // the YAML library may
			err = &Error{File: string(f), What: "is no YAML that can be read"}
		}
	}()
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		return f.syntax(err)
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		return &Error{File: string(f), What: "is empty, or has several documents: it needs " + needs}
	}
	return read(doc.Docs[0].Body)
}

var position = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

// syntax is an error of the YAML library's in one line.
func (f File) syntax(err error) error {
	e := &Error{File: string(f), What: "is no YAML: " + strings.SplitN(err.Error(), "\n", 2)[0]}
	if m := position.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, _ = strconv.Atoi(m[2])
		e.What = m[3]
	}
	return e
}

// Entries are those of a mapping.
func (f File) Entries(n ast.Node) (all []Entry, err error) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, f.Errorf(n, "keys with values are expected here, as in key: value")
	}
	seen := map[string]bool{}
	for _, v := range values {
		key := v.Key.GetToken().Value
		if seen[key] {
			return nil, f.Errorf(v.Key, "the key %s is there twice", key)
		}
		seen[key] = true
		all = append(all, Entry{key, v.Key, v.Value})
	}
	return all, nil
}

// Unknown says that a key is not known, and which one was probably meant; of names whose it is.
func (f File) Unknown(e Entry, of string, known []string) error {
	if of != "" {
		of = " of " + of
	}
	if near := names.Nearest(e.Key, known); near != "" {
		return f.Errorf(e.At, "unknown key %s%s; did you mean %s?", e.Key, of, near)
	}
	return f.Errorf(e.At, "unknown key %s%s; there are: %s", e.Key, of, strings.Join(known, ", "))
}

// Scalar is the text of a node that has one.
func Scalar(n ast.Node) (text string, ok bool) {
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

// Line is the text of a node as it was typed on one line: without quotes, YAML takes "buy: p99 > 5ms" for a key and a value.
func Line(n ast.Node) (text string, ok bool) {
	if m, mapping := n.(*ast.MappingNode); mapping && len(m.Values) == 1 {
		n = m.Values[0]
	}
	m, mapping := n.(*ast.MappingValueNode)
	if !mapping {
		return Scalar(n)
	}
	value, ok := Scalar(m.Value)
	return m.Key.GetToken().Value + ": " + value, ok
}

// List is a sequence, or what stands alone.
func List(n ast.Node) []ast.Node {
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	return []ast.Node{n}
}
