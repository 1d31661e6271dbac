package owncode

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// width is how many characters the columns of a transcript share.
const width = 112

// columns is a table under way: a column a client, time downwards.
type columns struct {
	strings.Builder
	n, width int
}

// cell writes lines into the column of a client, after a row's number.
func (c *columns) cell(number string, client int, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(c, "%4s  %s%s\n", number, strings.Repeat(" ", client*(c.width+2)), l)
		number = ""
	}
}

// row writes a line over all columns.
func (c *columns) row(texts []string) {
	line := strings.Repeat(" ", 6)
	for _, t := range texts {
		line += t + strings.Repeat(" ", max(c.width-utf8.RuneCountInString(t), 0)+2)
	}
	c.WriteString(strings.TrimRight(line, " ") + "\n")
}

// transcript is what the clients did in the schedule that ended last.
func (x *exploration[DB]) transcript() string {
	c := columns{n: len(x.workers), width: width/len(x.workers) - 2}
	names := make([]string, c.n)
	at := make([]int, c.n) // how many statements of each client were shown
	for i, w := range x.workers {
		names[i] = w.name
	}
	c.row(names)
	if x.crew == nil {
		return c.String()
	}
	turns := x.crew.Turns()
	freed := map[int][]*Statement{} // by the turn that freed them
	for k := range turns {
		i := turns[k].Client
		done := x.workers[i].statements()
		if at[i] >= len(done) {
			continue // it had no turn: the schedule was given up
		}
		s := done[at[i]]
		at[i]++
		lines := s.lines(c.width)
		if until := turns[k].BlockedUntil; until == k+1 {
			lines = append(append(lines, "… waits for a lock, until the server ends it"), s.answer(c.width)...)
		} else if until > 0 {
			lines = append(lines, "… waits for a lock")
			freed[until] = append(freed[until], s)
		} else {
			lines = append(lines, s.answer(c.width)...)
		}
		c.cell(fmt.Sprint(k+1), i, lines)
		for _, f := range freed[k+1] {
			c.cell("", x.column(f), append([]string{"… goes on"}, f.answer(c.width)...))
		}
	}
	ends := make([]string, c.n)
	for i, w := range x.workers {
		ends[i] = "returns " + w.explained(c.width-10)
	}
	c.row(ends)
	return c.String()
}

// column is the number of the client whose statement it is.
func (x *exploration[DB]) column(s *Statement) int {
	for i, w := range x.workers {
		if s.client == &w.Client {
			return i
		}
	}
	return 0
}

func (c *Client) statements() []*Statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// explained is what the function returned.
func (w *worker[DB]) explained(width int) string {
	var panicked *PanicError
	switch {
	case errors.As(w.told, &panicked):
		return clip(panicked.Error(), width)
	case w.told != nil:
		return clip(w.told.Error(), width)
	case w.value != nil:
		if text, err := json.Marshal(w.value); err == nil {
			return clip(string(text), width)
		}
	}
	return "nil"
}

// lines is the statement, after what began its transaction.
func (s *Statement) lines(width int) []string {
	var lines []string
	for _, b := range s.begins {
		lines = append(lines, wrap(b, width)...)
	}
	text := s.sql
	if len(s.args) > 0 {
		values := make([]string, len(s.args))
		for i, a := range s.args {
			values[i] = Text(a)
		}
		text += "  -- " + strings.Join(values, ", ")
	}
	return append(lines, wrap(text, width)...)
}

// answer is what it returned, or its error.
func (s *Statement) answer(width int) []string {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	switch {
	case s.err != nil:
		return wrap("✗ "+s.err.Error(), width)
	case s.got == "":
		return nil
	}
	return wrap("→ "+s.got, width)
}

// wrap breaks a text into lines, between words where it can.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		indent := ""
		if len(lines) > 0 {
			indent = "  "
		}
		switch n := utf8.RuneCountInString(line + word); {
		case line == "":
			line = indent + word
		case n+1 <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = "  " + word
		}
	}
	return append(lines, line)
}

// clip is the beginning of a text, on one line.
func clip(text string, width int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width-1, 0)]) + "…"
}
