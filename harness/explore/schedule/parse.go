package schedule

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Limits that no schedule comes near which somebody wrote by hand.
const (
	maxSessions = 32
	maxSteps    = 10_000
)

// Sections of a file. The others are a key and its value on one line.
const (
	setupSection   = "setup"
	stepsSection   = "steps"
	allowedSection = "allowed when"
	expectSection  = "expect"

	invariantsSection = "invariants"
)

func keys() []string {
	statements := []string{"name", "about", "hazard", "isolation", "sessions", "ignore", setupSection, stepsSection, invariantsSection, allowedSection, expectSection}
	return append(statements, operationKeys()...)
}

// Parse reads a schedule. file is what errors call it: each is an *Error.
func Parse(file string, text []byte) (*Schedule, error) {
	p := parser{s: &Schedule{File: file}, seen: map[string]int{}}
	if !utf8.Valid(text) {
		return nil, p.s.errorf(1+strings.Count(string(text[:validPrefix(text)]), "\n"), "this is not text (UTF-8)")
	}
	for line := range strings.Lines(string(text)) {
		p.line++
		if err := p.take(strings.TrimRight(line, "\r\n")); err != nil {
			return nil, err
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return p.s, nil
}

// parser is a file that is being read.
type parser struct {
	s        *Schedule
	line     int
	section  string
	seen     map[string]int // lines of keys
	declared bool           // the sessions are named in a line of their own
	last     *string        // the statement that a line beginning with | goes on with
}

func (p *parser) errorf(format string, args ...any) error { return p.s.errorf(p.line, format, args...) }

// take reads a line.
func (p *parser) take(line string) error {
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "" || strings.HasPrefix(trimmed, "#"):
		return nil
	case line[0] != ' ' && line[0] != '\t':
		return p.header(trimmed)
	case strings.HasPrefix(trimmed, "|"):
		if p.last == nil {
			return p.errorf("| continues a statement, and the line before it holds none")
		}
		more := statement(trimmed[1:])
		if more != "" {
			*p.last += "\n" + more
		}
		return nil
	}
	p.last = nil
	switch p.section {
	case setupSection:
		return p.setup(trimmed)
	case stepsSection:
		return p.step(trimmed)
	case invariantsSection:
		return p.invariant(trimmed)
	case allowedSection, expectSection:
		return p.claim(trimmed)
	}
	return p.errorf("a line that begins with blanks belongs to %s:, %s:, %s:, %s: or %s:, and none of them is above it",
		setupSection, stepsSection, invariantsSection, allowedSection, expectSection)
}

// header reads a line that has a key.
func (p *parser) header(line string) error {
	p.last = nil
	key, value, ok := strings.Cut(line, ":")
	key, value = strings.TrimSpace(key), strings.Join(strings.Fields(value), " ")
	if !ok || !slices.Contains(keys(), key) {
		return p.errorf("unknown key %s; there are: %s (lines of a section begin with blanks)", quote(key), strings.Join(keys(), ", "))
	}
	if at := p.seen[key]; at > 0 {
		return p.errorf("%s: is already on line %d", key, at)
	}
	p.seen[key] = p.line
	switch key {
	case setupSection, stepsSection, invariantsSection, allowedSection, expectSection:
		p.section = key
		if value != "" {
			return p.errorf("%s: ends its line; what belongs to it follows on lines that begin with blanks", key)
		}
		return nil
	}
	p.section = ""
	if value == "" {
		return p.errorf("%s: has no value", key)
	}
	return p.value(key, value)
}

// value reads a key's value.
func (p *parser) value(key, value string) error {
	switch key {
	case "name":
		p.s.Name = value
	case "about":
		p.s.About = value
	case "hazard":
		if _, ok := hazardNamed(value); !ok {
			return p.errorf("unknown hazard %s; there are: %s", quote(value), (^promise.Hazards(0)).String())
		}
		p.s.Hazard = value
	case "isolation":
		level, ok := harness.ParseLevel(value)
		if !ok || level == harness.NoLevel {
			return p.errorf("unknown isolation level %s; there are: %s", quote(value), levelNames())
		}
		p.s.Level = level
	case "ignore":
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return p.errorf("ignore: has an empty name; write tables, and columns as table.column, with a comma between two of them")
			}
			p.s.Ignore = append(p.s.Ignore, name)
		}
	case "sessions":
		p.declared = true
		for name := range strings.SplitSeq(value, ",") {
			name = strings.TrimSpace(name)
			if !isWord(name) {
				return p.errorf("%s is not a session name; write letters, digits, - and _", quote(name))
			}
			if slices.Contains(p.s.Sessions, name) {
				return p.errorf("session %s is named twice", name)
			}
			p.s.Sessions = append(p.s.Sessions, name)
		}
	default:
		return p.operation(key, value)
	}
	return nil
}

func levelNames() string {
	var names []string
	for _, l := range harness.Levels() {
		names = append(names, string(l))
	}
	return strings.Join(names, ", ")
}

// setup reads a statement of the set-up.
func (p *parser) setup(line string) error {
	only, sql, err := p.products(line)
	if err != nil {
		return err
	}
	if sql = statement(sql); sql == "" {
		return p.errorf("the statement is missing")
	}
	p.s.Setup = append(p.s.Setup, Statement{SQL: sql, Only: only, Line: p.line})
	p.last = &p.s.Setup[len(p.s.Setup)-1].SQL
	return nil
}

// step reads a session's statement: T1 [label] @mysql SQL.
func (p *parser) step(line string) error {
	session, rest := word(line)
	if !isWord(session) {
		return p.errorf("%s is not a session name; write letters, digits, - and _, then the statement", quote(session))
	}
	st := Step{Session: session}
	var err error
	if st.Label, rest, err = p.label(rest); err != nil {
		return err
	}
	if st.Only, rest, err = p.products(rest); err != nil {
		return err
	}
	if st.SQL = statement(rest); st.SQL == "" {
		return p.errorf("session %s has no statement here", session)
	}
	st.Line = p.line
	if err := p.addSession(session); err != nil {
		return err
	}
	for i := range p.s.Steps {
		o := &p.s.Steps[i]
		if st.Label != "" && o.Session == session && o.Label == st.Label && o.Only.overlap(st.Only) {
			return p.errorf("%s.%s is already on line %d", session, st.Label, o.Line)
		}
	}
	if len(p.s.Steps) == maxSteps {
		return p.errorf("the schedule has more than %d steps", maxSteps)
	}
	p.s.Steps = append(p.s.Steps, st)
	p.last = &p.s.Steps[len(p.s.Steps)-1].SQL
	return nil
}

// label reads [again] from the front of a line.
func (p *parser) label(line string) (label, rest string, err error) {
	if !strings.HasPrefix(line, "[") {
		return "", line, nil
	}
	label, rest, ok := strings.Cut(line[1:], "]")
	if label = strings.TrimSpace(label); !ok || !isWord(label) {
		return "", "", p.errorf("a label is a word in brackets: [again]")
	}
	return label, strings.TrimSpace(rest), nil
}

// invariant reads a rule: [name] @mysql SQL.
func (p *parser) invariant(line string) (err error) {
	i := Invariant{Statement: Statement{Line: p.line}}
	var rest string
	if i.Name, rest, err = p.label(line); err != nil {
		return err
	}
	if i.Only, rest, err = p.products(rest); err != nil {
		return err
	}
	if i.SQL = statement(rest); i.SQL == "" {
		return p.errorf("the query is missing: write one that returns the rows that break the rule")
	}
	p.s.Invariants = append(p.s.Invariants, i)
	p.last = &p.s.Invariants[len(p.s.Invariants)-1].SQL
	return nil
}

func (p *parser) addSession(name string) error {
	switch {
	case slices.Contains(p.s.Sessions, name):
		return nil
	case p.declared:
		return p.errorf("unknown session %s; there are: %s", quote(name), strings.Join(p.s.Sessions, ", "))
	case len(p.s.Sessions) == maxSessions:
		return p.errorf("the schedule has more than %d sessions", maxSessions)
	}
	p.s.Sessions = append(p.s.Sessions, name)
	return nil
}

// products reads @mysql,mariadb or @!mysql from the front of a line.
func (p *parser) products(line string) (only Products, rest string, err error) {
	if !strings.HasPrefix(line, "@") {
		return only, line, nil
	}
	list, rest := word(line)
	list, only.Not = strings.CutPrefix(list[1:], "!")
	for name := range strings.SplitSeq(list, ",") {
		if !isWord(name) {
			return only, "", p.errorf("%s is not a product name; write @mysql, @postgres,sqlite or @!mysql", quote(name))
		}
		only.Names = append(only.Names, name)
	}
	return only, rest, nil
}

// finish checks what only the whole file tells.
func (p *parser) finish() error {
	s := p.s
	if s.Operations != nil {
		return p.finishOperations()
	}
	if len(s.Steps) == 0 {
		return &Error{File: s.File, What: "it has no steps: write steps: and below it a line for each statement: its session, then the SQL"}
	}
	for _, name := range s.Sessions {
		if !slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Session == name }) {
			return s.errorf(p.seen["sessions"], "session %s has no step", name)
		}
	}
	if s.Hazard != "" && len(s.Allowed) == 0 {
		return s.errorf(p.seen["hazard"], "hazard: needs %s: it says how to recognise the anomaly", allowedSection)
	}
	for _, c := range slices.Concat(s.Allowed, s.Expect) {
		if !slices.Contains(s.Sessions, c.Session) {
			return s.errorf(c.Line, "unknown session %s; there are: %s", quote(c.Session), strings.Join(s.Sessions, ", "))
		}
		if c.Label != "" && s.find(c) == nil {
			return s.errorf(c.Line, "session %s has no statement with the label [%s]%s", c.Session, c.Label, s.labelsOf(c.Session))
		}
	}
	return nil
}
