package rounds

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
)

// running is a case, and what it takes to run it.
type running struct {
	Case
	run       *Runner
	oracle    oracle
	learned   int        // how often serial executions were run
	last      time.Time  // when they were
	confirmed bool       // a violation was judged again after more of them
	differs   error      // why the program is not deterministic
	rand      *rand.Rand // when faults strike
}

// rounds runs rounds until there is enough evidence, or until the end.
func (c *running) rounds(ctx context.Context, end time.Time) error {
	begun := time.Now()
	defer func() { c.Seconds += time.Since(begun).Seconds() }()
	c.run.Lane.Cast(c.Operations)
	broke := time.Time{}
	for ctx.Err() == nil && !c.unrepeatable() && c.differs == nil && c.evidence() < c.needed() {
		switch {
		case c.Breaking > 0 && broke.IsZero():
			broke = time.Now()
		case c.Breaking > 0 && (c.Rounds >= enough || time.Since(broke) > enoughTime), c.Breaking == 0 && time.Now().After(end):
			return nil
		}
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		c.tell()
	}
	return nil
}

// tell says how far the case is: evidence decides it, or, once it broke, so many rounds.
func (c *running) tell() {
	share := progress.Of(int64(c.evidence()), int64(c.needed()))
	if c.Breaking > 0 {
		share = progress.Of(int64(c.Rounds), enough)
	}
	c.run.Progress.Say(progress.Case{
		Name: c.Name(), Number: c.run.decided + 1, Cases: c.run.of, Steps: "rounds", Done: int64(c.Rounds), Broken: int64(c.Breaking), Share: share, Until: c.run.end,
	})
}

// decided reports whether more rounds would change nothing.
func (c *running) decided() bool {
	return c.unrepeatable() || c.Breaking > 0 || c.differs != nil || c.evidence() >= c.needed()
}

// round restores, has a burst, and judges it.
func (c *running) round(ctx context.Context) error {
	lane := c.run.Lane
	if err := lane.Restore(ctx); err != nil {
		return err
	}
	b, err := lane.Burst(ctx, c.Fault, c.rand)
	if err != nil {
		return err
	}
	o := b.Outcome
	broken, err := lane.Broken(ctx)
	if err != nil {
		return err
	}
	if c.Fault != "" {
		if err := lane.Recover(ctx, c.Fault, b.Struck != ""); err != nil {
			return err
		}
	}
	c.notice(lane.Facts())
	alike := c.Alike
	verdict, err := c.weigh(ctx, o)
	if err != nil || c.differs != nil || alike != c.Alike { // begun anew
		return err
	}
	c.Rounds++
	breaks := c.count(verdict, broken)
	if b.Met || breaks && c.Fault == "" {
		c.Trials++
	}
	switch {
	case b.Struck != "":
		c.Struck++
	case c.Fault != "" && breaks:
		c.Unstruck++
	}
	if breaks && (c.Example == nil || c.Fault != "" && c.Example.Struck == "" && b.Struck != "") {
		c.Example = c.example(o, broken)
		c.Example.Struck = b.Struck
	}
	return nil
}

// weigh judges a burst. Before the first is called a violation, the serial executions are run again, so that what differs only seldom is
// known.
func (c *running) weigh(ctx context.Context, o *serial.Outcome) (serial.Verdict, error) {
	verdict := c.judge(o)
	known := c.confirmed && time.Since(c.last.Truncate(time.Minute)) < time.Minute // dates, and times without seconds, change with the minute
	if verdict == serial.Fits || verdict == serial.Error || known {
		return verdict, nil
	}
	alike := c.Alike
	c.confirmed = true
	for passes := 0; passes == 0 || c.learned < 2; passes++ { // twice, where they are begun anew
		if err := harness.Sleep(ctx, c.run.apart()-time.Since(c.last)); err != nil {
			return verdict, err
		}
		if err := c.learn(ctx); err != nil || c.differs != nil {
			return verdict, err
		}
		c.last = time.Now()
	}
	if alike != c.Alike {
		return verdict, nil
	}
	return c.judge(o), nil
}

// judge judges a burst: where a fault may strike, it is all or nothing for each client who has no answer.
func (c *running) judge(o *serial.Outcome) serial.Verdict {
	switch {
	case c.Fault == "":
		return c.oracle.Judge(o)
	case c.oracle.Struck(o):
		return serial.Fits
	}
	return serial.Violation
}

// count counts a round; breaks: it is a violation.
func (c *running) count(verdict serial.Verdict, broken []string) (breaks bool) {
	switch verdict {
	case serial.LostSale:
		c.LostSales++
		breaks = c.run.LostSales
	case serial.StaleRead:
		c.StaleReads++
		breaks = c.run.StaleReads
	case serial.Error:
		c.Errors++
	case serial.Violation:
		breaks = true
	case serial.Fits:
	}
	if breaks = breaks || len(broken) > 0; breaks {
		c.Breaking++
	}
	return breaks
}

func (c *running) notice(f program.Facts) {
	if f.Level != "" {
		c.remark("The program asks for " + string(f.Level) + " itself, whatever level: and --isolation say.")
	}
	for _, left := range f.Left {
		c.remark(left)
	}
}

const mostNotes = 8

func (c *running) remark(text string) {
	if !slices.Contains(c.Notes, text) && len(c.Notes) < mostNotes {
		c.Notes = append(c.Notes, text)
	}
}

// conclude says what came of the rounds.
func (c *running) conclude() {
	for _, col := range c.oracle.Volatile() {
		c.Volatile = append(c.Volatile, col.String())
	}
	slices.Sort(c.Volatile)
	switch {
	case c.differs != nil:
		var hint string
		c.Verdict = harness.Inconclusive
		if c.Why, hint = program.NotDeterministic(c.differs); hint != "" {
			c.remark(hint)
		}
	case c.Breaking > 0:
		c.Verdict = harness.Unsafe
	case c.run.control.Broke == 0 && !c.unrepeatable():
		c.Verdict = harness.Inconclusive
		c.Why = fmt.Sprintf("lastseat's own naive buy did not break either, in %d rounds on the same server: the load shows nothing", c.run.control.Rounds)
	case c.evidence() < c.needed():
		c.Verdict = harness.Inconclusive
		c.Why = c.lacks()
	default:
		c.Verdict = harness.Safe
	}
	if n := c.evidence(); c.Breaking == 0 && n > 0 {
		c.Bound = engine.UpperBound(int64(n))
	}
}

// unrepeatable: requests of it were to be repeated, and none says which request it is.
func (c *running) unrepeatable() bool {
	return c.Fault == program.Repeat && !slices.ContainsFunc(c.Operations, c.run.Identified)
}

// lacks says which evidence a case lacks.
func (c *running) lacks() string {
	switch {
	case c.unrepeatable():
		return "nothing in the request says which request it is ({id}), so that it may take effect twice when it is repeated: give it a key, as in Idempotency-Key: {id}"
	case c.Fault != "" && c.Fault != Delay:
		return fmt.Sprintf("%s struck an operation under way in %d of %d rounds, and safe needs %d of those", c.Fault, c.Struck, c.Rounds, c.needed())
	}
	return fmt.Sprintf("transactions met in %d of %d rounds, and safe needs %d of those", c.Trials, c.Rounds, c.needed())
}

// example shows a round that broke, beside what a serial order gives.
func (c *running) example(o *serial.Outcome, broken []string) *Example {
	e := &Example{Round: c.Rounds, Answers: told(o), Tables: program.Differences(c.run.Start, o), Broken: broken}
	if x := c.oracle.expected(o); x != nil {
		e.Serial = Expected{told(x), program.Differences(c.run.Start, x)}
	}
	if c.Fault == "" { // else answers are missing, and nothing fits
		for _, col := range c.oracle.Culprits(o) {
			if name := col.String(); !slices.Contains(e.Columns, name) { // answers of several clients have one name
				e.Columns = append(e.Columns, name)
			}
		}
	}
	return e
}

// told are the answers, those of one outcome and status together.
func told(o *serial.Outcome) (all []Told) {
	for i := range o.Answers {
		a := &o.Answers[i]
		status, _, _ := strings.Cut(a.Text, " ")
		at := slices.IndexFunc(all, func(t Told) bool {
			other, _, _ := strings.Cut(t.Answer, " ")
			return t.Outcome == a.Outcome.String() && other == status
		})
		if at < 0 {
			at = len(all)
			all = append(all, Told{Outcome: a.Outcome.String(), Answer: a.Text})
		}
		all[at].Clients++
	}
	slices.SortStableFunc(all, func(a, b Told) int { return strings.Compare(a.Answer, b.Answer) })
	return all
}

// nameOf is operations with how many clients carry out each.
func nameOf(operations []string) string {
	var parts []string
	for i := 0; i < len(operations); {
		n := 1
		for i+n < len(operations) && operations[i+n] == operations[i] {
			n++
		}
		parts = append(parts, fmt.Sprintf("%s × %d", operations[i], n))
		i += n
	}
	return strings.Join(parts, " with ")
}
