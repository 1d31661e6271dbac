package script

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/targets/wire"
)

// Script is what one operation does: commands, one after the other.
type Script struct {
	name     string
	protocol wire.Protocol
	commands []command
}

// command is a statement or a meta command: exactly one of sql, value, condition, sleep and jump is meant, as verb says.
type command struct {
	line   int
	verb   string // "" is a statement, else as pgbench calls it
	sql    []piece
	first  string // the statement's first word, in capitals
	gset   *string
	name   string // of \set
	expr   expr   // of \set, \if, \elif, \sleep
	unit   string // of \sleep
	target int    // the command to go on with: of \if and \elif where the condition does not hold, of the end of a branch always
}

// Error is a mistake in a script.
type Error struct {
	Name string
	Line int
	What string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.What) }

// Metas are the meta commands that there are, for people.
const Metas = `\set, \gset, \if, \elif, \else, \endif, \sleep`

// Statements are the first words of the statements, in capitals.
func (s *Script) Statements() (first []string) {
	for i := range s.commands {
		if s.commands[i].verb == "" {
			first = append(first, s.commands[i].first)
		}
	}
	return first
}

// parser goes through a text.
type parser struct {
	*Script
	text   string
	at     int
	known  map[string]bool // variables that some command before has set
	blocks []block         // that are open
}

// block is an \if whose \endif is to come.
type block struct {
	line  int
	test  int   // the last \if or \elif, whose target is not known yet; -1: \else was there
	leave []int // the ends of branches, which all go on behind \endif
}

// Parse reads a script; name is what errors call it.
func Parse(name, text string, protocol wire.Protocol) (*Script, error) {
	p := &parser{Script: &Script{name: name, protocol: protocol}, text: text, known: map[string]bool{"client_id": true, "scale": true}}
	for p.space(); p.at < len(p.text); p.space() {
		var err error
		if p.text[p.at] == '\\' {
			err = p.meta()
		} else {
			err = p.statement()
		}
		if err != nil {
			return nil, err
		}
	}
	if n := len(p.blocks); n > 0 {
		return nil, p.errorf(p.blocks[n-1].line, `\if has no \endif`)
	}
	if len(p.Statements()) == 0 {
		return nil, p.errorf(1, "there is no statement")
	}
	return p.Script, nil
}

func (p *parser) errorf(line int, format string, args ...any) error {
	return &Error{p.name, line, fmt.Sprintf(format, args...)}
}

func (p *parser) line() int { return strings.Count(p.text[:p.at], "\n") + 1 }

// space goes past spaces, comments, and semicolons with nothing before them.
func (p *parser) space() {
	for p.at < len(p.text) {
		c := p.text[p.at]
		n := 0
		if c != '\'' && c != '"' && c != '`' && c != '$' {
			n = p.protocol.Span(p.text[p.at:], false)
		}
		if n == 0 && strings.IndexByte(" \t\r\n;", c) < 0 {
			return
		}
		p.at += max(n, 1)
	}
}

// statement reads one up to its semicolon, its \gset, or the end of the text.
func (p *parser) statement() error {
	c := command{line: p.line()}
	from := p.at
	for p.at < len(p.text) && p.text[p.at] != ';' && p.text[p.at] != '\\' {
		p.at += max(1, p.protocol.Span(p.text[p.at:], p.at > from && letter(p.text[p.at-1])))
	}
	text := strings.TrimSpace(p.text[from:p.at])
	if words := p.protocol.Words(text); len(words) > 0 && len(words[0]) > 0 {
		c.first = strings.ToUpper(words[0][0].Text)
	}
	if p.at < len(p.text) && p.text[p.at] == '\\' {
		line := p.line()
		verb, rest := p.metaLine()
		if verb != "gset" {
			return p.errorf(line, `\%s stands behind a statement that has no semicolon: only \gset does`, verb)
		}
		prefix := strings.TrimSpace(rest)
		if prefix != "" && !isName(prefix) {
			return p.errorf(line, `\gset %s: what comes before the names of columns is letters, digits and _`, prefix)
		}
		c.gset = &prefix
	} else {
		p.at++
	}
	var err error
	if c.sql, err = p.pieces(text, c.line); err == nil {
		p.commands = append(p.commands, c)
	}
	return err
}

// metaLine reads a meta command up to the end of its line; a backslash at the end continues it.
func (p *parser) metaLine() (verb, rest string) {
	text := p.text[p.at+1:]
	end, all := 0, ""
	for {
		n := strings.IndexByte(text[end:], '\n')
		if n < 0 {
			all += text[end:]
			end = len(text)
			break
		}
		line := strings.TrimRight(text[end:end+n], "\r")
		end += n + 1
		if !strings.HasSuffix(line, `\`) {
			all += line
			break
		}
		all += strings.TrimSuffix(line, `\`) + " "
	}
	p.at += 1 + end
	verb, rest, _ = strings.Cut(strings.TrimSpace(all), " ")
	return strings.TrimSpace(verb), strings.TrimSpace(rest)
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x80 && !letter(byte(r)) })
}
