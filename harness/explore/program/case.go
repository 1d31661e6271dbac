package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
)

// pairCase is a pair that is explored.
type pairCase struct {
	Pair
	x          *Explorer
	number, of int // among the cases
	judge      *serial.Judge
	last       time.Time // of the serial executions so far

	mu        sync.Mutex // of what follows, and of the judge
	confirmed bool       // a violation was judged again after more serial executions
	found     map[string]*candidate
	differs   error         // why the program is not deterministic
	proved    bool          // a violation came out again when its schedule was played again
	steps     int           // the most of a schedule
	guess     string        // why it is not known whose statements they were
	bound     time.Duration // the longest that the program did nothing before that was taken for a wait
}

// candidate is a schedule to be shown.
type candidate struct {
	explore.Schedule
	judged
}

// serially runs all orders of all subsets of the clients.
func (c *pairCase) serially(ctx context.Context, lane Lane) error {
	if c.differs != nil {
		return nil
	}
	lane.Cast(c.Operations)
	for _, order := range Orders(len(c.Operations)) {
		o, err := lane.Serial(ctx, order)
		if err != nil {
			return err
		}
		var differ *serial.DifferError
		switch err := c.judge.Add(order, o); {
		case errors.As(err, &differ):
			c.differs = err
			return nil
		case err != nil:
			return err
		}
	}
	c.last = time.Now()
	return nil
}

// Orders are all orders of all subsets of n clients.
func Orders(n int) (all [][]int) {
	var add func(order []int)
	add = func(order []int) {
		all = append(all, order)
		for i := range n {
			if !slices.Contains(order, i) {
				add(append(slices.Clone(order), i))
			}
		}
	}
	add(nil)
	return all
}

// explore plays all schedules, and judges each.
func (c *pairCase) explore(ctx context.Context) error {
	c.found = map[string]*candidate{}
	search := explore.Search{Budget: c.x.Schedules, Seed: c.Seed, Stop: c.x.First, Full: c.x.Full, Until: c.x.Until, LockTimeouts: c.x.LockTimeouts, Strict: c.x.Strict, Ran: c.ran}
	for _, lane := range c.x.Lanes {
		lane.Cast(c.Operations)
		lane.SetTraits(c.x.Traits)
		if err := lane.Restore(ctx); err != nil {
			return err
		}
		lane.Facts()
		search.Lanes = append(search.Lanes, explore.Lane{
			Player: lane, Clear: lane.Restore,
			Each: func(ctx context.Context, s explore.Schedule) (explore.Judged, error) { return c.each(ctx, lane, s) },
		})
	}
	if c.differs != nil {
		c.notDeterministic()
		return nil
	}
	found, err := search.Run(ctx)
	c.Run, c.Exhaustive, c.Polled, c.Drawn, c.Unsteady = found.Run, found.Exhaustive, found.Polled, found.Drawn, found.Unsteady
	c.LockTimeouts = found.Expired
	switch {
	case errors.Is(err, errNotDeterministic), err == nil && c.differs != nil: // also where a schedule that does not count showed it
		c.notDeterministic()
		return nil
	case errors.Is(err, explore.ErrStuck):
		c.Verdict, c.Why = harness.Inconclusive, err.Error()
	case err != nil:
		return err
	}
	for _, lane := range c.x.Lanes {
		c.notice(lane.Facts())
	}
	return c.conclude(ctx)
}

// ran tells how far the exploration is.
func (c *pairCase) ran(f explore.Found) {
	c.x.Progress.Say(progress.Case{
		Name: c.Name(), Number: c.number, Cases: c.of, Steps: "schedules", Done: int64(f.Run), Most: int64(c.x.Schedules), Broken: int64(f.Breaking),
		Share: progress.Of(int64(f.Run), int64(c.x.Schedules)), Until: c.x.Until,
	})
}

// NotDeterministic says that serial executions of a program differ, and what to do if they may; empty: nothing is known of that.
func NotDeterministic(differs error) (why, hint string) {
	var differ *serial.DifferError
	if errors.As(differs, &differ) {
		hint = "If that may differ, name it: ignore: [" + differ.Column.String() + "]"
	}
	return "the program is not deterministic: " + differs.Error(), hint
}

var errNotDeterministic = errors.New("not deterministic")

func (c *pairCase) notDeterministic() {
	var hint string
	c.Verdict = harness.Inconclusive
	if c.Why, hint = NotDeterministic(c.differs); hint != "" {
		c.Notes = append(c.Notes, hint)
	}
}

// notice takes in what a lane noticed.
func (c *pairCase) notice(f Facts) {
	c.Parked += f.Parked
	c.Inside += f.Inside
	for _, which := range f.Whole {
		if !slices.Contains(c.Whole, which) {
			c.Whole = append(c.Whole, which)
		}
	}
	c.guess = cmp.Or(c.guess, f.Guess)
	c.bound = max(c.bound, f.Bound)
	if f.Level != "" {
		c.Asks = f.Level
		c.remark("The program asks for " + string(f.Level) + " itself, whatever level: and --isolation say.")
	}
	for _, late := range f.Late {
		c.remark("after the answer the program still ran: " + late)
	}
	for _, left := range f.Left {
		c.remark(left)
	}
}

func (c *pairCase) remark(text string) {
	if !slices.Contains(c.Notes, text) && len(c.Notes) < 8 {
		c.Notes = append(c.Notes, text)
	}
}

// each judges the schedule that was just played, and makes the store ready for the next.
func (c *pairCase) each(ctx context.Context, lane Lane, s explore.Schedule) (explore.Judged, error) {
	j, err := c.look(ctx, lane)
	if err != nil {
		return explore.Judged{}, err
	}
	c.mu.Lock()
	err = c.weigh(ctx, lane, j)
	c.mu.Unlock()
	if err != nil {
		return explore.Judged{}, err
	}
	return explore.Judged{Broken: c.breaks(j), Count: func() { c.take(s, j) }}, lane.Restore(ctx)
}

// take counts a schedule, and keeps it if it is the shortest of its kind.
func (c *pairCase) take(s explore.Schedule, j *judged) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notice(j.facts)
	c.steps = max(c.steps, len(s.Order))
	c.count(j)
	kind := j.kind()
	if old := c.found[kind]; j.verdict != serial.Fits || len(j.broken) > 0 {
		if old == nil || s.Preemptions < old.Preemptions || s.Preemptions == old.Preemptions && len(s.Order) < len(old.Order) {
			c.found[kind] = &candidate{s, *j}
		}
	}
}

// look reads what came of the schedule that was just played.
func (c *pairCase) look(ctx context.Context, lane Lane) (*judged, error) {
	o, err := lane.Outcome(ctx)
	if err != nil {
		return nil, err
	}
	j := &judged{outcome: o}
	j.broken, err = lane.Broken(ctx)
	return j, err
}

// weigh judges a schedule. Before the first is called a violation, the serial orders are run again, so that what differs only seldom
// is known.
func (c *pairCase) weigh(ctx context.Context, lane Lane, j *judged) error {
	j.verdict = c.judge.Judge(j.outcome)
	known := c.confirmed && time.Since(c.last.Truncate(time.Minute)) < time.Minute // dates, and times without seconds, change with the minute
	if j.verdict != serial.Fits && j.verdict != serial.Error && !known {
		c.confirmed = true
		if err := harness.Sleep(ctx, c.x.apart()-time.Since(c.last)); err != nil {
			return err
		}
		if err := c.serially(ctx, lane); err != nil {
			return err
		}
		if c.differs != nil {
			return errNotDeterministic
		}
		j.verdict = c.judge.Judge(j.outcome)
	}
	j.facts = lane.Facts()
	j.skip = j.facts.SkipLocked && j.verdict == serial.Violation
	return nil
}

// breaks reports whether a schedule is a violation.
func (c *pairCase) breaks(j *judged) bool {
	return len(j.broken) > 0 || c.fails(j.kind())
}

// count counts a schedule.
func (c *pairCase) count(j *judged) {
	switch {
	case len(j.broken) > 0:
	case j.skip:
		c.SkipLocked++
	case j.verdict == serial.LostSale:
		c.LostSales++
	case j.verdict == serial.StaleRead:
		c.StaleReads++
	case j.verdict == serial.Error:
		c.Errors++
	}
	if c.breaks(j) {
		c.Breaking++
	}
}

// conclude says what came of all schedules, and shows the shortest of each kind.
func (c *pairCase) conclude(ctx context.Context) error {
	for _, col := range c.judge.Volatile() {
		c.Volatile = append(c.Volatile, col.String())
	}
	slices.Sort(c.Volatile)
	c.OneStep = c.steps <= len(c.Operations)
	for _, kind := range []string{"violation", serial.LostSale.String(), serial.Error.String(), serial.StaleRead.String(), "skip locked"} {
		if found := c.found[kind]; found != nil {
			e, err := c.show(ctx, kind, found)
			if err != nil {
				return err
			}
			if c.fails(kind) {
				c.proved = c.proved || e.Steps != nil
			}
			if c.fails(kind) && c.Shortest == nil {
				c.Shortest = e
			} else {
				c.Others = append(c.Others, e)
			}
		}
	}
	switch {
	case c.guess != "":
		c.guessed()
	case c.Breaking > 0 && !c.proved:
		c.Verdict = harness.Inconclusive
		c.Why = fmt.Sprintf("a schedule ended as no serial order gives, and never again when it was played %d times more", replays)
	case c.Breaking > 0:
		c.Verdict = harness.Unsafe
	case c.Verdict == harness.Inconclusive:
	case c.Parked > 0:
		c.Verdict = harness.Inconclusive
		c.Why = fmt.Sprintf("a client did nothing inside the program for %v, and whether it waited for the other or only takes so long cannot be told; wait: sets how long it may", c.bound)
	case !c.Exhaustive:
		c.Verdict = harness.Inconclusive
		c.Why = More
	default:
		c.Verdict = harness.Safe
	}
	return nil
}

// guessed has the verdict be that there is none, because statements may have been held in another's place.
func (c *pairCase) guessed() {
	c.Verdict = harness.Inconclusive
	c.Why = "whose statement it was is a guess here, with one program for all clients: " + c.guess
	if c.Breaking > 0 {
		c.Why += fmt.Sprintf("; %d of the schedules ended as no serial order gives", c.Breaking)
	}
	c.Why += ". With app: instead of attach: each client has a copy of its own, and nothing is guessed"
}

// More is why a pair is not decided of which more schedules are left than were run.
const More = "there are more schedules than were run"

// fails reports whether schedules of a kind are violations.
func (c *pairCase) fails(kind string) bool {
	return kind == "violation" || kind == serial.LostSale.String() && c.x.LostSales || kind == serial.StaleRead.String() && c.x.StaleReads
}
