package owncode

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// askedAgain is how often a client may get the same answers to the same statements before it is taken to poll, and longestPoll how many
// statements it asks each time.
const (
	askedAgain  = 3
	longestPoll = 8
)

// polls reports whether the client only asks again: it was answered the same three times over, changed nothing, and is about to ask once
// more. It waits for somebody else then, and how often it asks before that is a matter of time, which is not explored.
func (c *Client) polls() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for period := 1; period <= longestPoll && askedAgain*period <= len(c.done); period++ {
		if last := c.done[len(c.done)-askedAgain*period:]; c.asked != nil && c.asked.repeats(last[0]) && repeated(last, period) {
			return true
		}
	}
	return false
}

// repeated: each statement is the one a period before, has the same answer, and changed nothing.
func repeated(all []*Statement, period int) bool {
	for i, s := range all {
		if !s.answered || !s.idle() {
			return false
		}
		if i >= period && !s.sameAs(all[i-period]) {
			return false
		}
	}
	return true
}

// repeats: it is the same statement.
func (s *Statement) repeats(other *Statement) bool {
	return s.sql == other.sql && fmt.Sprintf("%v", s.args) == fmt.Sprintf("%v", other.args)
}

// sameAs: it is the same statement, and was answered the same.
func (s *Statement) sameAs(other *Statement) bool {
	return s.repeats(other) && s.got == other.got && fmt.Sprint(s.err) == fmt.Sprint(other.err)
}

// idle: the statement changed nothing, as far as its answer and its first word tell.
func (s *Statement) idle() bool {
	switch s.point {
	case harness.AtRead, harness.AtBegin, harness.AtCommit, harness.AtRollback:
		return true
	}
	word, _, _ := strings.Cut(strings.TrimSpace(s.sql), " ")
	return s.err != nil || strings.EqualFold(word, "SELECT") || s.got == count(0) || s.got == noRow
}
