package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/lastseat/lastseat/harness"
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

// Parse reads the text of a file.
func Parse(file string, text []byte) (s *Spec, err error) {
	r := &reader{file: file}
	defer func() {
		if p := recover(); p != nil { // the YAML library may
			s, err = nil, &Error{File: file, What: "is no YAML that can be read"}
		}
	}()
	root, err := r.document(text)
	if err != nil {
		return nil, err
	}
	s = &Spec{File: file, Wait: DefaultWait, Instances: DefaultInstances}
	if err := r.fields(root, "", s.fields(r)); err != nil {
		return nil, err
	}
	return s, s.check()
}

// document is the mapping that a file consists of.
func (r *reader) document(text []byte) (ast.Node, error) {
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, r.syntax(err)
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		return nil, &Error{File: r.file, What: "is empty, or has several documents: it needs database:, app: and operations:"}
	}
	return f.Docs[0].Body, nil
}

var position = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

// syntax is an error of the YAML library's in one line.
func (r *reader) syntax(err error) error {
	e := &Error{File: r.file, What: "is no YAML: " + strings.SplitN(err.Error(), "\n", 2)[0]}
	if m := position.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, _ = strconv.Atoi(m[2])
		e.What = m[3]
	}
	return e
}

// fields are the keys of a file.
func (s *Spec) fields(r *reader) map[string]field {
	return map[string]field{
		"database":    r.text(&s.Database),
		"setup":       r.sources(&s.Setup),
		"seed":        r.sources(&s.Seed),
		"app":         r.text(&s.App),
		"attach":      r.text(&s.Attach),
		"proxy":       r.text(&s.Proxy),
		"env":         r.variables(&s.Env),
		"ready":       r.text(&s.Ready),
		"reset":       func(n ast.Node) error { s.Reset = &Request{}; return r.request(n, s.Reset) },
		"operations":  r.operations(&s.Operations),
		"invariants":  func(n ast.Node) error { return r.invariants(n, &s.Invariants) },
		"effects":     r.plain(&s.Effects),
		"ignore":      r.texts(&s.Ignore),
		"level":       func(n ast.Node) error { return r.level(n, &s.Level) },
		"lost-sales":  r.fail(&s.LostSales),
		"stale-reads": r.fail(&s.StaleReads),
		"wait":        r.duration(&s.Wait),
		"instances":   r.count(&s.Instances),
	}
}

// check says what a file lacks.
func (s *Spec) check() error {
	missing := func(key, example string) error {
		return &Error{File: s.File, What: fmt.Sprintf("has no %s: (as in %s)", key, example)}
	}
	switch {
	case s.Database == "":
		return missing("database", "database: postgres")
	case s.App != "" && s.Attach != "":
		return &Error{File: s.File, What: "has app: and attach:, and a program is started or runs already: leave one out"}
	case s.Proxy != "" && s.Attach == "":
		return &Error{File: s.File, What: "has proxy: without attach:, and copies of a program each have a proxy of their own: leave it out"}
	case s.App == "" && s.Attach == "":
		return missing("app", "app: node shop.js")
	case len(s.Operations) == 0:
		return missing("operations", "operations: {buy: POST /buy?customer={client}}")
	}
	return nil
}

func (r *reader) level(n ast.Node, to *harness.Level) error {
	var name string
	if err := r.text(&name)(n); err != nil {
		return err
	}
	for _, l := range harness.Levels() {
		if name == string(l) || name == l.Short() {
			*to = l
			return nil
		}
	}
	return r.errorf(n, "level: is %s, must be read-uncommitted, read-committed, repeatable-read or serializable (ru, rc, rr, ser)", name)
}

func (r *reader) invariants(n ast.Node, to *[]Invariant) error {
	all, err := r.pairs(n, r.plain)
	for _, v := range all {
		*to = append(*to, Invariant{Name: v.Name, SQL: v.Value})
	}
	return err
}

// operations are requests by name.
func (r *reader) operations(to *[]Operation) field {
	return func(n ast.Node) error {
		entries, err := r.entries(n)
		if err != nil {
			return err
		}
		for _, e := range entries {
			op := Operation{Name: e.key}
			if err := r.operation(e.value, &op); err != nil {
				return err
			}
			*to = append(*to, op)
		}
		if len(*to) > maxOperations {
			return r.errorf(n, "there are %d operations, more than %d: name those that matter", len(*to), maxOperations)
		}
		return nil
	}
}

// maxOperations bounds the pairs.
const maxOperations = 32

// operation is a request, as one line or by its parts.
func (r *reader) operation(n ast.Node, op *Operation) error {
	if _, ok := n.(*ast.StringNode); ok {
		return r.request(n, &op.Request)
	}
	return r.fields(n, "operation "+op.Name, map[string]field{
		"request":  func(n ast.Node) error { return r.request(n, &op.Request) },
		"headers":  r.variables(&op.Headers),
		"body":     r.text(&op.Body),
		"form":     r.variables(&op.Form),
		"ok":       r.matches(&op.OK),
		"rejected": r.matches(&op.Rejected),
		"failed":   r.matches(&op.Failed),
		"weight":   r.count(&op.Weight),
	})
}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// request reads "POST /buy?customer={client}".
func (r *reader) request(n ast.Node, to *Request) error {
	var line string
	if err := r.text(&line)(n); err != nil {
		return err
	}
	words := strings.Fields(line)
	if len(words) != 2 || !slices.Contains(methods, words[0]) || !strings.HasPrefix(words[1], "/") {
		return r.errorf(n, "%q is no request: write a method and a path, as in POST /buy?customer={client}", line)
	}
	to.Method, to.Path = words[0], words[1]
	return r.placeholders(n, line)
}
