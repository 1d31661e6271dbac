package wire_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
)

// chunk is bytes that one side sent.
type chunk struct {
	client bool
	bytes  string
}

// read has a Conn take in chunks, each in pieces of a size (0: whole), and returns the events as text, with the bytes that went on.
func read(p wire.Protocol, opt wire.Options, size func() int, chunks ...chunk) (events []string, on [2]string) {
	c := p.NewConn(opt)
	var passed [2][]byte
	for _, k := range chunks {
		for b := []byte(k.bytes); len(b) > 0; {
			n := min(len(b), max(1, size()))
			feed, side := c.Server, 1
			if k.client {
				feed, side = c.Client, 0
			}
			step := feed(b[:n]) // it is a copy
			for _, e := range step.Events {
				if e.Free() {
					continue // bytes that need not be held: how many of them at once, the pieces say
				}
				events = append(events, text(e))
			}
			passed[side] = append(passed[side], step.On...)
			b = b[n:]
		}
	}
	return events, [2]string{string(passed[0]), string(passed[1])}
}

func whole() int { return 1 << 30 }

// text is an event as tests compare it.
func text(e wire.Event) string {
	switch {
	case e.Request != nil:
		r := e.Request
		s := fmt.Sprintf("%d? %d %v %q %q", e.End, r.ID, r.Kind, r.Name, r.SQL)
		if len(r.Params) > 0 {
			s += fmt.Sprint(" ", r.Params)
		}
		for _, more := range []struct {
			is   bool
			text string
		}{
			{r.Cut, " cut"},
			{r.Unread != "", " unread: " + r.Unread},
			{r.Control != 0, fmt.Sprintf(" control %d", r.Control)},
			{r.Last, " last"},
			{len(r.Attributes) > 0, fmt.Sprint(" ", r.Attributes)},
			{r.Bytes > 0, fmt.Sprintf(" %d bytes", r.Bytes)},
		} {
			if more.is {
				s += more.text
			}
		}
		return s
	case e.Answer != nil:
		a := e.Answer
		s := fmt.Sprintf("%d! %d %v", e.End, a.To, a.State)
		for _, more := range []struct {
			is   bool
			text string
		}{
			{a.Tag != "", " " + a.Tag},
			{a.Columns != nil, fmt.Sprintf(" %d columns", len(a.Columns))},
			{a.Count > 0, fmt.Sprintf(" %d rows %v", a.Count, a.Rows)},
			{a.Affected > 0, fmt.Sprintf(" affected %d", a.Affected)},
			{a.Bytes > 0, fmt.Sprintf(" %d bytes", a.Bytes)},
			{len(a.Notices) > 0, fmt.Sprintf(" %q", a.Notices)},
			{a.Ready, " ready"},
			{a.Skipped, " skipped"},
			{a.Commit, " commit"},
			{a.Last, " last"},
		} {
			if more.is {
				s += more.text
			}
		}
		if a.Error != nil {
			s += fmt.Sprintf(" error %s %d %s", a.Error.Code, a.Error.Number, a.Error.Message)
		}
		return s
	}
	return "opaque: " + e.Opaque
}

// commits counts answers that acknowledge a commit.
func commits(events []string) (n int) {
	for _, e := range events {
		if strings.Contains(e, " commit") && strings.Contains(e, "! ") {
			n++
		}
	}
	return n
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// msg is a message of PostgreSQL's.
func msg(kind byte, body string) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))) + body
}

// packet is one of MySQL's.
func packet(seq byte, body string) string {
	return string([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}) + body
}
