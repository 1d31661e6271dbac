package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/internal/yamlfile"
)

// Error is a mistake in a file.
type Error = yamlfile.Error

// Parse reads the text of a file.
func Parse(file string, text []byte) (*Spec, error) {
	r := &reader{yamlfile.File(file)}
	s := &Spec{File: file, Wait: DefaultWait, Instances: DefaultInstances}
	err := r.Read(text, "database:, operations: and, for requests, app:", func(root ast.Node) error { return r.fields(root, "", s.fields(r)) })
	if err != nil {
		return nil, err
	}
	return s, s.check()
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
		"fail-if":     r.conditions(&s.FailIf),
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
	case len(s.Operations) == 0:
		return missing("operations", "operations: {buy: POST /buy?customer={client}}")
	case s.Programless():
		return s.checkProgramless()
	}
	if s.Attach != "" && (s.Has(Command) || s.Has(SQL)) {
		return &Error{File: s.File, What: "has attach: and operations of run: or sql:, and whose statements they are would be a guess: have them in a file of their own"}
	}
	return nil
}

// checkProgramless says what a file without a program has that needs one.
func (s *Spec) checkProgramless() error {
	for key, there := range map[string]bool{"ready": s.Ready != "", "reset": s.Reset != nil} {
		if there {
			return &Error{File: s.File, What: "has " + key + ": without app:, and there is no program to ask: leave it out"}
		}
	}
	if s.Has(HTTP) {
		return &Error{File: s.File, What: "has no app: (as in app: node shop.js), and requests need one; a command is run: python buy.py {client}, a statement sql: CALL buy({client})"}
	}
	if len(s.Setup) == 0 {
		return &Error{File: s.File, What: "has no setup: (as in setup: schema.sql), and without app: nothing else makes the tables"}
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
	return r.Errorf(n, "level: is %s, must be read-uncommitted, read-committed, repeatable-read or serializable (ru, rc, rr, ser)", name)
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
		entries, err := r.Entries(n)
		if err != nil {
			return err
		}
		for _, e := range entries {
			op := Operation{Name: e.Key}
			if err := r.operation(e.Value, &op); err != nil {
				return err
			}
			*to = append(*to, op)
		}
		if len(*to) > maxOperations {
			return r.Errorf(n, "there are %d operations, more than %d: name those that matter", len(*to), maxOperations)
		}
		return nil
	}
}

// maxOperations bounds the pairs.
const maxOperations = 32

// operation is a request, as one line or by its parts; or a command, or statements.
func (r *reader) operation(n ast.Node, op *Operation) error {
	if _, ok := n.(*ast.StringNode); ok {
		return r.request(n, &op.Request)
	}
	var answers []ast.Node // checked last: what they may be goes by what the operation is
	matches := func(to *[]Match) field {
		return func(n ast.Node) error {
			answers = append(answers, n)
			return r.matches(to)(n)
		}
	}
	if err := r.fields(n, "operation "+op.Name, map[string]field{
		"request":  func(n ast.Node) error { return r.request(n, &op.Request) },
		"headers":  r.variables(&op.Headers),
		"body":     r.text(&op.Body),
		"form":     r.variables(&op.Form),
		"run":      r.text(&op.Run),
		"sql":      func(n ast.Node) error { return r.statements(n, op) },
		"script":   r.plain(&op.Script),
		"ok":       matches(&op.OK),
		"rejected": matches(&op.Rejected),
		"failed":   matches(&op.Failed),
		"weight":   r.count(&op.Weight),
	}); err != nil {
		return err
	}
	if err := r.oneWay(n, op); err != nil {
		return err
	}
	for _, at := range answers {
		if err := r.codes(at, op.Kind()); err != nil {
			return err
		}
	}
	return nil
}

// statements reads SQL, or the name of a file of it.
func (r *reader) statements(n ast.Node, op *Operation) error {
	var text string
	if err := r.plain(&text)(n); err != nil {
		return err
	}
	if strings.HasSuffix(text, ".sql") && !strings.ContainsAny(text, "; \n") {
		if op.Script != "" {
			return r.Errorf(n, "operation %s has script: and a file in sql:, and is one of them: leave one out", op.Name)
		}
		op.Script = text
		return nil
	}
	if strings.TrimSpace(text) == "" {
		return r.Errorf(n, "sql: is empty: write a statement, as in sql: CALL buy({client})")
	}
	op.SQL = text
	return nil
}

// oneWay says what an operation has that does not go together.
func (r *reader) oneWay(n ast.Node, op *Operation) error {
	var ways, parts []string
	for _, w := range []struct {
		key   string
		there bool
	}{{"request", op.Method != ""}, {"run", op.Run != ""}, {"sql", op.SQL != ""}, {"script", op.Script != ""}} {
		if w.there {
			ways = append(ways, w.key)
		}
	}
	for _, p := range []struct {
		key   string
		there bool
	}{{"headers", op.Headers != nil}, {"body", op.Body != ""}, {"form", op.Form != nil}} {
		if p.there {
			parts = append(parts, p.key)
		}
	}
	switch {
	case len(ways) == 0:
		return r.Errorf(n, "operation %s has none of request:, run:, sql: and script:, and is one of them", op.Name)
	case len(ways) > 1:
		return r.Errorf(n, "operation %s has %s: and %s:, and is one of them: leave one out", op.Name, ways[0], ways[1])
	case len(parts) > 0 && op.Kind() != HTTP:
		return r.Errorf(n, "operation %s has %s: and %s:, which only a request has: leave it out", op.Name, ways[0], parts[0])
	}
	return nil
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
		return r.Errorf(n, "%q is no request: write a method and a path, as in POST /buy?customer={client}", line)
	}
	to.Method, to.Path = words[0], words[1]
	return r.placeholders(n, line)
}
