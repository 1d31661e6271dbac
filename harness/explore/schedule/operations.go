package schedule

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness/explore"
)

// Operations is a schedule of operations instead of statements: those of a workload's scenario, carried out by a strategy, whatever
// statements it makes of them on an engine.
type Operations struct {
	Workload, Scenario, Strategy string
	// Order is who acts next, clients counted from 0. One that waits for a lock or is done is passed over. With explore.Expire, the wait
	// of the statement is let run into its time-out.
	Order []int
	Rule  Rule
}

// Rule is what is expected of the workload's rules.
type Rule string

// What a file may say of the rules; nothing: it is shown what came of them.
const (
	Kept   Rule = "kept"
	Broken Rule = "broken"
)

// expireMark follows the number of a client whose statement is let run into its lock time-out.
const expireMark = "!"

// operationKeys are the keys of a schedule of operations.
func operationKeys() []string { return []string{"workload", "scenario", "strategy", "order", "rule"} }

// operation reads the value of one of operationKeys.
func (p *parser) operation(key, value string) error {
	if p.s.Operations == nil {
		p.s.Operations = &Operations{}
	}
	o := p.s.Operations
	switch key {
	case "workload":
		o.Workload = value
	case "scenario":
		o.Scenario = value
	case "strategy":
		o.Strategy = value
	case "order":
		for word := range strings.FieldsSeq(value) {
			number, expires := strings.CutSuffix(word, expireMark)
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 || n >= maxSessions {
				return p.errorf("order: %s is not a client; write client numbers, counted from 0, with blanks between them", quote(word))
			}
			if expires {
				n += explore.Expire
			}
			o.Order = append(o.Order, n)
		}
		if len(o.Order) > maxSteps {
			return p.errorf("order: has %d turns, more than %d", len(o.Order), maxSteps)
		}
	case "rule":
		if o.Rule = Rule(value); o.Rule != Kept && o.Rule != Broken {
			return p.errorf("rule: is %s, must be %s or %s", quote(value), Kept, Broken)
		}
	}
	return nil
}

// finishOperations checks that a schedule of operations is whole, and nothing else.
func (p *parser) finishOperations() error {
	for _, key := range []string{"workload", "scenario", "strategy", "order"} {
		if p.seen[key] == 0 {
			return &Error{File: p.s.File, What: fmt.Sprintf("it has no %s: a schedule of operations has workload:, scenario:, strategy: and order:", key)}
		}
	}
	for _, key := range []string{setupSection, stepsSection, allowedSection, expectSection, "hazard", "sessions"} {
		if at := p.seen[key]; at > 0 {
			return p.s.errorf(at, "%s: is for schedules of statements, and this one has operations (workload:)", key)
		}
	}
	for _, key := range []string{invariantsSection, "ignore"} {
		if at := p.seen[key]; at > 0 {
			return p.s.errorf(at, "%s: is for schedules of statements, and this one has operations (workload:), which their workload judges; leave it out", key)
		}
	}
	return nil
}

// text is what a schedule of operations has in a file.
func (o *Operations) text() string {
	order := make([]string, 0, len(o.Order))
	for _, i := range o.Order {
		word := strconv.Itoa(i % explore.Expire)
		if i >= explore.Expire {
			word += expireMark
		}
		order = append(order, word)
	}
	var b strings.Builder
	for _, field := range [][2]string{
		{"workload", o.Workload}, {"scenario", o.Scenario}, {"strategy", o.Strategy}, {"order", strings.Join(order, " ")}, {"rule", string(o.Rule)},
	} {
		if field[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", field[0], field[1])
		}
	}
	return b.String()
}
