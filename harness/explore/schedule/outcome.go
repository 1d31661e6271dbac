package schedule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Outcome is what came of a schedule.
type Outcome struct {
	Schedule *Schedule
	Product  string   // whose lines were run
	Played   []Played // in the order in which the statements had their turns
	Open     []string // sessions that left their last transaction open
}

// Played is what came of a step.
type Played struct {
	Step *Step
	SQL  string // what was sent: a ROLLBACK in place of the COMMIT of a transaction that was refused
	// LeftOut: not sent, because the server had refused an earlier statement of its transaction.
	LeftOut bool
	Reply   store.Reply
	Err     *store.StatementError // the server refused it
	// Waited: it waited for a lock, until Played[Until] had ended.
	Waited bool
	Until  int
}

// Text is the step's statement on one line.
func (s *Step) Text() string { return strings.Join(strings.Fields(s.SQL), " ") }

// Let reports whether the anomaly was let through, and how that came about, or how it was prevented: "error 40001", "waits",
// "reads 10".
func (o *Outcome) Let() (through bool, how string) {
	var held []string
	for _, c := range o.Schedule.Allowed {
		if !c.Only.Has(o.Product) {
			continue
		}
		if !o.Holds(c) {
			return false, o.prevention(c)
		}
		held = append(held, c.String())
	}
	return len(held) > 0, strings.Join(held, ", ")
}

// prevention is why a claim of the anomaly does not hold.
func (o *Outcome) prevention(c Claim) string {
	for i := range o.Played {
		if err := o.Played[i].Err; err != nil {
			return "error " + err.Code
		}
	}
	for i := range o.Played {
		if p := &o.Played[i]; p.Waited && (p.Step.Session == c.Session || o.Played[p.Until].Step.Session == c.Session) {
			return "waits"
		}
	}
	for _, p := range o.of(c) {
		switch c.Verb {
		case Returns:
			return "reads " + FormatRows(p.Reply.Rows)
		case Writes:
			return fmt.Sprintf("writes %d", p.Reply.Affected)
		}
	}
	return "not " + c.String()
}

// of are the steps that a claim is about.
func (o *Outcome) of(c Claim) []*Played {
	var all []*Played
	for i := range o.Played {
		p := &o.Played[i]
		if p.Step.Session == c.Session && (c.Label == "" || p.Step.Label == c.Label) {
			all = append(all, p)
		}
	}
	return all
}

// Holds reports whether a claim is true.
func (o *Outcome) Holds(c Claim) bool {
	steps := o.of(c)
	waited := slices.ContainsFunc(steps, func(p *Played) bool { return p.Waited })
	switch c.Verb {
	case Commits:
		return len(steps) > 0 && !slices.Contains(o.Open, c.Session) && !slices.ContainsFunc(steps, func(p *Played) bool { return p.LeftOut || p.Err != nil })
	case Fails:
		return slices.ContainsFunc(steps, func(p *Played) bool { return p.Err != nil && c.names(p.Err) })
	case Waits:
		return waited
	case NoWait:
		return !waited
	case Expires:
		return waited && slices.ContainsFunc(steps, func(p *Played) bool { return p.Err != nil && p.Err.Conflict == harness.LockTimeout })
	case Returns:
		return len(steps) > 0 && steps[0].answered() && slices.ContainsFunc(c.Rows, steps[0].returned)
	case Writes:
		return len(steps) > 0 && steps[0].answered() && slices.Contains(c.Counts, steps[0].Reply.Affected)
	}
	return false
}

func (p *Played) answered() bool { return !p.LeftOut && p.Err == nil }

// returned reports whether it answered these rows: in this order only where the statement asks for one.
func (p *Played) returned(rows [][]string) bool {
	return slices.EqualFunc(p.inOrder(rows), p.inOrder(p.Reply.Rows), slices.Equal[[]string])
}

// inOrder is rows in the order in which they are compared: that of the server where the statement sorts them, and one of ours where they
// are a set to it.
func (p *Played) inOrder(rows [][]string) [][]string {
	if sorts(p.Step.SQL) {
		return rows
	}
	return slices.SortedFunc(slices.Values(rows), slices.Compare[[]string])
}

// names reports whether a claim's codes are about a refusal.
func (c *Claim) names(err *store.StatementError) bool {
	return len(c.Codes) == 0 || slices.Contains(c.Codes, err.Code) ||
		err.Conflict != harness.NoConflict && slices.Contains(c.Codes, err.Conflict.String())
}

// Unmet are the lines of `expect:` that are not so, each with what is so instead.
func (o *Outcome) Unmet() []error {
	var all []error
	for _, c := range o.Schedule.Expect {
		if c.Only.Has(o.Product) && !o.Holds(c) {
			all = append(all, o.Schedule.errorf(c.Line, "expected: %s; but %s", c, o.instead(c)))
		}
	}
	return all
}

// instead is what is so where a claim is not.
func (o *Outcome) instead(c Claim) string {
	steps := o.of(c)
	if len(steps) == 0 {
		return "it has no statement for " + o.Product
	}
	for _, p := range steps {
		switch {
		case p.Err != nil:
			return fmt.Sprintf("%s: %s", p.Step.Text(), refusal(p.Err))
		case p.LeftOut:
			return p.Step.Text() + " was left out, because its transaction was refused"
		}
	}
	switch c.Verb {
	case Commits:
		return "it leaves its transaction open"
	case Returns:
		return "it returned " + FormatRows(steps[0].Reply.Rows)
	case Writes:
		return fmt.Sprintf("it wrote %d", steps[0].Reply.Affected)
	case Fails:
		return "nothing was refused"
	case Waits, Expires:
		return "it did not wait"
	case NoWait:
		i := slices.IndexFunc(steps, func(p *Played) bool { return p.Waited })
		return steps[i].Step.Text() + " waited"
	}
	return "it did not"
}

// Mistake is a refusal that is no conflict and that no line of the file expects: most likely a mistake in it.
func (o *Outcome) Mistake() error {
	for i := range o.Played {
		p := &o.Played[i]
		if p.Err == nil || p.Err.Conflict != harness.NoConflict {
			continue
		}
		expected := slices.ContainsFunc(o.Schedule.Expect, func(c Claim) bool {
			return (c.Verb == Fails || c.Verb == Expires) && c.Only.Has(o.Product) && slices.Contains(o.of(c), p) && c.names(p.Err)
		})
		if !expected {
			return o.Schedule.errorf(p.Step.Line, "%s: %s (if that is as it should be, write under expect: %s fails with %s)",
				p.Step.Session, refusal(p.Err), p.Step.Session, p.Err.Code)
		}
	}
	return nil
}

// Short is the outcome in a few words, for comparison with others.
func (o *Outcome) Short() string {
	var facts []string
	for _, name := range o.Schedule.Sessions {
		fact := name + " commits"
		if slices.Contains(o.Open, name) {
			fact = name + " leaves its transaction open"
		}
		for _, p := range o.of(Claim{Session: name}) {
			if p.Err != nil {
				fact = fmt.Sprintf("%s fails with %s", name, p.Err.Code)
				break
			}
		}
		facts = append(facts, fact)
	}
	for i := range o.Played {
		if p := &o.Played[i]; p.Step.Label != "" && p.answered() {
			name := p.Step.Session + "." + p.Step.Label
			if p.Reply.Rows != nil || reads(p.SQL) {
				facts = append(facts, name+" returns "+FormatRows(p.inOrder(p.Reply.Rows)))
			} else {
				facts = append(facts, fmt.Sprintf("%s writes %d", name, p.Reply.Affected))
			}
		}
	}
	return strings.Join(facts, ", ")
}

// Text is what was sent, on one line, or what was left out.
func (p *Played) Text() string {
	switch {
	case p.LeftOut:
		return p.Step.Text() + " – left out"
	case p.SQL == "ROLLBACK" && !strings.EqualFold(p.Step.SQL, p.SQL):
		return "ROLLBACK, in place of " + p.Step.Text()
	}
	return p.Step.Text()
}

// Result is what the server answered, as far as there is anything to tell.
func (p *Played) Result() string {
	switch {
	case p.LeftOut:
		return ""
	case p.Err != nil:
		return refusal(p.Err)
	case len(p.Reply.Rows) > 0 || reads(p.SQL):
		return FormatRows(p.Reply.Rows)
	case begins(p.SQL) || ends(p.SQL):
		return ""
	case p.Reply.Affected == 1:
		return "1 row"
	}
	return fmt.Sprintf("%d rows", p.Reply.Affected)
}

// refusal is "error 40001: could not serialize access due to concurrent update". Drivers put the code into their texts as well.
func refusal(err *store.StatementError) string {
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "ERROR: ")
	if before, after, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(before, "Error "+err.Code) {
		text = after
	}
	if i := strings.LastIndex(text, " ("); i >= 0 && strings.HasSuffix(text, err.Code+")") {
		text = text[:i]
	}
	return fmt.Sprintf("error %s: %s", err.Code, text)
}
