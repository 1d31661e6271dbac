package app

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

// asked is a statement of a client that was answered.
type asked struct {
	text   string // with its parameters
	answer string
	idle   bool // it changed nothing, as far as its answer and its first word tell
}

// askedOf is a statement with its answer.
func askedOf(t *turn) asked {
	sql, params := textOf(t.batch)
	reads := t.Step.Point == harness.AtRead || t.Step.Point == harness.AtLock || t.Step.Point == harness.AtCommit || strings.HasPrefix(strings.ToUpper(sql), "SELECT ")
	a := asked{text: fmt.Sprint(sql, params), idle: !t.batch.Lost}
	for _, said := range t.batch.Answers {
		a.answer += fmt.Sprintln(said.Tag, said.Count, said.Affected, said.Rows)
		switch {
		case said.Error != nil:
			a.answer += said.Error.Code + said.Error.Message
		case int64(len(said.Rows)) < said.Count: // what the others hold is not known
			a.idle = false
		default:
			a.idle = a.idle && (reads || said.Affected == 0 && said.Count == 0)
		}
	}
	return a
}

// polls reports whether a client only asks again: it was answered the same three times over, changed nothing, and is about to ask once
// more, which is all that it has out. It waits for somebody else then, and how often it asks before that is a matter of time, which is
// not explored.
func (p *player) polls() bool {
	var next *held
	for _, h := range p.held {
		if h != nil && next != nil {
			return false
		}
		if h != nil {
			next = h
		}
	}
	if next == nil || len(p.out) > 0 {
		return false
	}
	sql, params := textOf(next.batch)
	text := fmt.Sprint(sql, params)
	for period := 1; period <= longestPoll && askedAgain*period <= len(p.asked); period++ {
		if last := p.asked[len(p.asked)-askedAgain*period:]; last[0].text == text && repeated(last, period) {
			return true
		}
	}
	return false
}

// repeated: each statement is the one a period before, has the same answer, and changed nothing.
func repeated(all []asked, period int) bool {
	for i := range all {
		if !all[i].idle || i >= period && all[i] != all[i-period] {
			return false
		}
	}
	return true
}
