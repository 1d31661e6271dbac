package program

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/internal/names"
)

// Saved is a schedule of a program as a file holds it: what it takes to play it again, and the statements that it had, so that a program
// that has changed since is not taken for the one that it was found in.
type Saved struct {
	File       string // that it was read from
	Program    string // the program's file, as seen from the folder of this one
	Engine     string
	Server     string // for people
	Level      harness.Level
	Operations []string // by client
	Order      []int
	Found      string // what it counted as
	Steps      []SavedStep
}

// SavedStep is a statement of a saved schedule.
type SavedStep struct {
	Client int
	SQL    string
}

// Save makes a file's content of the schedule that a pair shows. program is where the program's file is, seen from there.
func Save(r *Report, pair *Pair, program string) *Saved {
	e := pair.Shortest
	s := &Saved{
		Program: program, Engine: r.Engine, Server: r.Server, Level: r.Level, Operations: pair.Operations, Order: e.Order, Found: e.Kind,
	}
	for i := range e.Steps {
		s.Steps = append(s.Steps, SavedStep{e.Steps[i].Client, e.Steps[i].SQL})
	}
	return s
}

// SavedName is what such a file is called.
func SavedName(r *Report, pair *Pair) string {
	plain := func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '-'
	}
	return strings.Map(plain, strings.Join(pair.Operations, " ")+" "+r.Engine+" "+string(r.Level)) + ".schedule"
}

const (
	programKey, engineKey, serverKey, levelKey, orderKey, foundKey = "program", "engine", "server", "isolation", "order", "found"
	operationsSection, stepsSection                                = "operations", "steps"
)

func savedKeys() []string {
	return []string{programKey, engineKey, serverKey, levelKey, operationsSection, orderKey, foundKey, stepsSection}
}

// Write writes the file.
func (s *Saved) Write(w io.Writer) error {
	b := &bytes.Buffer{}
	fmt.Fprintln(b, "# A schedule of a program, found by lastseat explore. To play it again: lastseat replay FILE")
	for _, v := range [][2]string{{programKey, s.Program}, {engineKey, s.Engine}, {serverKey, s.Server}, {levelKey, string(s.Level)}} {
		fmt.Fprintf(b, "%s: %s\n", v[0], inLine(v[1]))
	}
	fmt.Fprintln(b, operationsSection+":")
	for i, name := range s.Operations {
		fmt.Fprintf(b, "  %s: %s\n", ClientName(i), inLine(name))
	}
	fmt.Fprintf(b, "%s: %s\n%s: %s\n%s:\n", orderKey, Order(s.Order), foundKey, s.Found, stepsSection)
	for _, step := range s.Steps {
		fmt.Fprintf(b, "  %s: %s\n", ClientName(step.Client), inLine(step.SQL))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// inLine is a text in one line: in quotes, where it would not be read back as it is.
func inLine(text string) string {
	if text == "" || strings.TrimSpace(text) != text || text[0] == '"' || text[0] == '#' || strconv.Quote(text) != `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)+`"` {
		return strconv.Quote(text)
	}
	return text
}

// IsSaved reports whether a file holds a schedule of a program, and not one of statements alone.
func IsSaved(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte(programKey+":"))
		}
	}
	return false
}

// SavedError is a mistake in such a file.
type SavedError struct {
	File string
	Line int // 0: the file as a whole
	What string
}

func (e *SavedError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// savedReader reads such a file.
type savedReader struct {
	*Saved
	line    int
	section string
	seen    map[string]bool
	order   string
}

// ParseSaved reads what Write wrote.
func ParseSaved(file string, text []byte) (*Saved, error) {
	r := &savedReader{Saved: &Saved{File: file}, seen: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		r.line++
		if err := r.take(strings.TrimRight(line, "\r\n")); err != nil {
			return nil, &SavedError{file, r.line, err.Error()}
		}
	}
	for _, key := range savedKeys() {
		if !r.seen[key] {
			return nil, &SavedError{file, 0, "has no " + key + ":"}
		}
	}
	var ok bool
	if r.Order, ok = ParseOrder(r.order, len(r.Operations)); !ok || len(r.Operations) < 2 {
		return nil, &SavedError{file, 0, fmt.Sprintf("%s: %s is no order of %d clients, as in a b b a", orderKey, names.Quote(r.order), len(r.Operations))}
	}
	for _, step := range r.Steps {
		if step.Client >= len(r.Operations) {
			return nil, &SavedError{file, 0, fmt.Sprintf("%s: there is no client %s", stepsSection, ClientName(step.Client))}
		}
	}
	return r.Saved, nil
}

var errNoKey = errors.New("is no key with a value, as in order: a b b a")

// take reads a line.
func (r *savedReader) take(line string) error {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		return nil
	}
	key, value, ok := strings.Cut(trimmed, ":")
	value, err := outOfLine(strings.TrimSpace(value))
	if !ok || err != nil {
		return errNoKey
	}
	if line[0] == ' ' || line[0] == '\t' {
		return r.member(key, value)
	}
	if !slices.Contains(savedKeys(), key) {
		return names.Unknown("key", key, savedKeys())
	}
	if r.seen[key] {
		return fmt.Errorf("%s: is there twice", key)
	}
	r.seen[key], r.section = true, key
	return r.value(key, value)
}

// outOfLine undoes inLine.
func outOfLine(text string) (string, error) {
	if strings.HasPrefix(text, `"`) {
		return strconv.Unquote(text)
	}
	return text, nil
}

// value reads a key's value.
func (r *savedReader) value(key, value string) error {
	if section := key == operationsSection || key == stepsSection; section != (value == "") {
		return errNoKey
	}
	switch key {
	case programKey:
		r.Program = value
	case engineKey:
		r.Engine = value
	case serverKey:
		r.Server = value
	case orderKey:
		r.order = value
	case foundKey:
		r.Found = value
	case levelKey:
		level, ok := harness.ParseLevel(value)
		if !ok || level == harness.NoLevel {
			return fmt.Errorf("unknown isolation level %s", names.Quote(value))
		}
		r.Level = level
	}
	return nil
}

// member reads a line of a section.
func (r *savedReader) member(client, value string) error {
	number := -1
	if len(client) == 1 {
		number = int(client[0]) - 'a'
	}
	switch {
	case r.section == operationsSection && number == len(r.Operations) && number < mostClients:
		r.Operations = append(r.Operations, value)
	case r.section == stepsSection && number >= 0 && number < mostClients:
		r.Steps = append(r.Steps, SavedStep{number, value})
	case r.section == operationsSection || r.section == stepsSection:
		return fmt.Errorf("%s is no client: they are called a, b, …", names.Quote(client))
	default:
		return fmt.Errorf("a line that begins with blanks belongs to %s: or %s: above it", operationsSection, stepsSection)
	}
	return nil
}

// mostClients run at the same time.
const mostClients = 4

// ChangedError says that a program has other statements than when its schedule was saved.
type ChangedError struct {
	File    string
	Step    int // from 1
	Was, Is string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s: the program has changed: statement %d of the schedule was %s, and is %s; explore it again", e.File, e.Step, cmp.Or(e.Was, "nothing"), cmp.Or(e.Is, "nothing"))
}

// literal is a value within a statement, which may differ from run to run: a key, a time.
var literal = regexp.MustCompile(`'(?:[^']|'')*'|\b[0-9][0-9.]*\b`)

// check compares the statements of a schedule that was just played with those of the file.
func (s *Saved) check(steps []Step) error {
	for i := range max(len(s.Steps), len(steps)) {
		e := &ChangedError{File: s.File, Step: i + 1}
		if i < len(s.Steps) {
			e.Was = ClientName(s.Steps[i].Client) + ": " + s.Steps[i].SQL
		}
		if i < len(steps) {
			e.Is = ClientName(steps[i].Client) + ": " + steps[i].SQL
		}
		if literal.ReplaceAllString(e.Was, "?") != literal.ReplaceAllString(e.Is, "?") {
			return e
		}
	}
	return nil
}
