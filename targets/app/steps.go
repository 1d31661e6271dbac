package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/wire"
)

// Steps are what was done in the schedule that was played last.
func (l *Lane) Steps() []program.Step {
	steps := make([]program.Step, len(l.record))
	for i := range l.record {
		t := &l.record[i]
		s := program.Step{Client: t.client, Begins: t.begins, Reads: t.Reads, Writes: t.Writes, Locks: t.Locks, Commits: t.Commits}
		s.SQL, s.Params = textOf(t.batch)
		s.Acknowledges = t.acknowledges()
		if s.Part = t.part; s.Part != program.Reading {
			s.Answer, s.Error = answerOf(t.batch)
		}
		if t.waits {
			s.WaitsUntil = t.until + 1
		}
		steps[i] = s
	}
	return steps
}

// acknowledges reports whether an answer says that something written is committed. Code inside the server may have, where no transaction is
// around it.
func (t *turn) acknowledges() bool {
	if t.Writes != 0 && t.Unseen() && !t.batch.Inside && !t.batch.Lost {
		return !slices.ContainsFunc(t.batch.Answers, func(a *wire.Answer) bool { return a.Error != nil || a.State != wire.Idle })
	}
	return (t.Writes != 0 || t.Commits) && slices.ContainsFunc(t.batch.Answers, func(a *wire.Answer) bool { return a.Commit })
}

// textOf is what a batch asks, in one line, and its parameters.
func textOf(b *proxy.Batch) (text string, params []string) {
	var all []string
	for _, r := range b.Requests {
		if r.Kind != wire.Query && r.Kind != wire.Execute || r.SQL == "" {
			continue
		}
		all = append(all, strings.Join(strings.Fields(r.SQL), " "))
		for _, v := range r.Params {
			params = append(params, v.String())
		}
	}
	if len(all) == 0 {
		all = append(all, b.Requests[0].Kind.String())
	}
	return strings.Join(all, "; "), params
}

// answerOf is what a batch was answered, in one line.
func answerOf(b *proxy.Batch) (text string, failed bool) {
	if b.Lost {
		return "the connection ended", true
	}
	var all []string
	for _, a := range b.Answers {
		switch {
		case a.Error != nil:
			code := a.Error.Code
			if a.Error.Number != 0 {
				code = fmt.Sprint(a.Error.Number)
			}
			return fmt.Sprintf("%s (%s)", a.Error.Message, code), true
		case a.Columns != nil && (a.Count > 0 || a.Tag != ""):
			all = append(all, rowsOf(a))
		case a.Tag != "" && a.Affected >= 0 && strings.ContainsAny(a.Tag, "0123456789"):
			all = append(all, rowCount(a.Affected))
		case a.Tag == "" && a.Affected > 0:
			all = append(all, rowCount(a.Affected))
		}
	}
	return strings.Join(all, "; "), false
}

func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// rowsOf are the first rows of an answer.
func rowsOf(a *wire.Answer) string {
	if a.Count == 0 {
		return "no rows"
	}
	var out []string
	for _, r := range a.Rows {
		values := make([]string, len(r))
		for i, v := range r {
			if values[i] = v.Text; v.Null {
				values[i] = database.Null
			}
		}
		out = append(out, database.Line(values))
	}
	if a.Count > int64(len(a.Rows)) {
		out = append(out, "…")
	}
	return strings.Join(out, " | ")
}
