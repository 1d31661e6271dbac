package spec

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Spec is a program as its file describes it.
type Spec struct {
	File     string // that it was read from
	Database string // an engine (postgres), or the URL of a server
	Setup    []Source
	Seed     []Source
	App      string // the command that starts the program
	Attach   string // or the URL of one that runs already
	Proxy    string // where that one finds its database: the address to listen at; empty: a free port
	Env      []Variable
	Ready    string // the path that a program answers when it is ready; empty: it is as soon as it takes connections
	Reset    *Request
	// Operations in the order of the file.
	Operations []Operation
	Invariants []Invariant
	Effects    string   // SQL: the ids that took effect
	Ignore     []string // tables, or table.column, that may differ
	Level      harness.Level
	LostSales  bool          // a lost sale fails
	StaleReads bool          // a stale read fails
	Wait       time.Duration // how long a program may do nothing before it counts as waiting inside
	Instances  int           // copies that a load is spread over
	FailIf     []string      // thresholds
}

// DefaultInstances is Spec.Instances where the file says nothing: a lock inside one process saves nobody then.
const DefaultInstances = 2

// DefaultWait is Spec.Wait where the file says nothing.
const DefaultWait = 20 * time.Millisecond

// Dir is the folder that the file is in: commands run there, and files are looked for there.
func (s *Spec) Dir() string { return filepath.Dir(s.File) }

// Operation is one of the operations, by its name.
func (s *Spec) Operation(name string) (*Operation, bool) {
	for i := range s.Operations {
		if s.Operations[i].Name == name {
			return &s.Operations[i], true
		}
	}
	return nil, false
}

// Source is what fills a database: one of the three.
type Source struct {
	SQL  string
	File string // of SQL
	Run  string // a command
}

// Variable is one of the program's environment.
type Variable struct{ Name, Value string }

// Invariant is a rule of the user's: SQL that returns the rows that break it.
type Invariant struct{ Name, SQL string }

// Operation is what a client does: a request, a command, or statements; and how its answers are read.
type Operation struct {
	Name string
	Request
	Run                  string // a command
	SQL                  string // statements, and commands of pgbench's
	Script               string // a file of those
	OK, Rejected, Failed []Match
	Weight               int // how often a load sends it, beside the others; 0: 1
}

// Request is one of HTTP, with placeholders.
type Request struct {
	Method  string
	Path    string // with its query
	Headers []Variable
	Body    string
	Form    []Variable
}

// Kind is one of the ways in.
type Kind string

// The ways in, by the key that each has.
const (
	HTTP    Kind = "request"
	Command Kind = "run"
	SQL     Kind = "sql"
)

// Kind is how the operation is carried out.
func (o *Operation) Kind() Kind {
	switch {
	case o.Run != "":
		return Command
	case o.SQL != "" || o.Script != "":
		return SQL
	}
	return HTTP
}

// Has reports whether some operation is carried out so.
func (s *Spec) Has(k Kind) bool {
	return slices.ContainsFunc(s.Operations, func(o Operation) bool { return o.Kind() == k })
}

// What is what works on the database, in a word or by its command or address.
func (s *Spec) What() string {
	switch {
	case s.App != "" || s.Attach != "":
		return cmp.Or(s.App, s.Attach)
	case !s.Has(Command):
		return "SQL"
	case !s.Has(SQL):
		return "commands"
	}
	return "commands and SQL"
}

// Programless reports whether no program is there for all the time.
func (s *Spec) Programless() bool { return s.App == "" && s.Attach == "" }

// Uses reports whether a placeholder stands anywhere in an operation.
func (o *Operation) Uses(placeholder string) bool {
	all := []string{o.Path, o.Body, o.Run, o.SQL}
	for _, v := range append(o.Headers[:len(o.Headers):len(o.Headers)], o.Form...) {
		all = append(all, v.Value)
	}
	return slices.ContainsFunc(all, func(text string) bool { return strings.Contains(text, placeholder) })
}

// Match is a property of an answer: all that is set must be so.
type Match struct {
	Status string // 409, or 4xx; of a command its exit code, of SQL a SQLSTATE (P0001, 23xxx) or a server's number (1062)
	JSON   string // a path in the body: error.code
	Is     string // what is there; empty: anything but null and false
	Text   string // that the body contains
}

// Names are those of the operations.
func (s *Spec) Names() (names []string) {
	for i := range s.Operations {
		names = append(names, s.Operations[i].Name)
	}
	return names
}

// Weights are those of the operations.
func (s *Spec) Weights() (weights []int) {
	for i := range s.Operations {
		weights = append(weights, max(s.Operations[i].Weight, 1))
	}
	return weights
}

// Mentions reports whether a placeholder stands in a command or a variable.
func (s *Spec) Mentions(placeholder string) bool {
	all := []string{s.App}
	for _, v := range s.Env {
		all = append(all, v.Value)
	}
	for i := range s.Operations {
		all = append(all, s.Operations[i].Run)
	}
	for _, sources := range [][]Source{s.Setup, s.Seed} {
		for _, one := range sources {
			all = append(all, one.Run)
		}
	}
	return slices.ContainsFunc(all, func(text string) bool { return strings.Contains(text, placeholder) })
}
