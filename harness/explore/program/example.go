package program

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
)

// replays is how often a schedule is played again until it goes as before.
const replays = 20

// show plays a schedule once more, and says what happened.
func (c *pairCase) show(ctx context.Context, kind string, found *candidate) (*Example, error) {
	lane := c.x.Lanes[0]
	for range replays {
		switch err := explore.Follow(ctx, lane, found.Order); {
		case errors.Is(err, explore.ErrStuck):
			if err := lane.Restore(ctx); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, fmt.Errorf("play the schedule again: %w", err)
		}
		j, err := c.look(ctx, lane)
		if err != nil {
			return nil, err
		}
		if err := c.weigh(ctx, lane, j); err != nil {
			return nil, err
		}
		steps := lane.Steps()
		if err := lane.Restore(ctx); err != nil {
			return nil, err
		}
		if j.kind() == kind {
			return c.example(kind, found.Schedule, steps, j), nil
		}
	}
	c.remark(fmt.Sprintf("a schedule that was counted as %s did not come out so again when it was played %d times more", kind, replays))
	return c.example(kind, found.Schedule, nil, &found.judged), nil
}

// replay plays one schedule, and shows it whatever came of it.
func (c *pairCase) replay(ctx context.Context, order []int) error {
	lane := c.x.Lanes[0]
	lane.Cast(c.Operations)
	if err := lane.Restore(ctx); err != nil {
		return err
	}
	lane.Facts()
	if err := explore.Follow(ctx, lane, order); err != nil {
		return err
	}
	j, err := c.look(ctx, lane)
	if err != nil {
		return err
	}
	if err := c.weigh(ctx, lane, j); err != nil {
		return err
	}
	c.Run, c.Single, c.Verdict = 1, true, harness.Safe
	if c.count(j); c.breaks(j) {
		c.Verdict = harness.Unsafe
	}
	if c.guess != "" {
		c.guessed()
	}
	turns := lane.Turns()
	s := explore.Schedule{Order: make([]int, len(turns))}
	for i := range turns {
		s.Order[i] = turns[i].Actor()
	}
	c.Shortest = c.example(j.kind(), s, lane.Steps(), j)
	return lane.Restore(ctx)
}

func (c *pairCase) example(kind string, s explore.Schedule, steps []Step, j *judged) *Example {
	e := &Example{Kind: kind, Order: s.Order, Preemptions: s.Preemptions, Steps: steps, Broken: j.broken, Answers: answers(j.outcome)}
	e.Tables = c.differences(j.outcome)
	seen := map[string]bool{}
	for _, o := range c.judge.Orders() {
		if len(o.Clients) < len(c.Operations) {
			continue
		}
		x := Expected{Order: o.Clients, Answers: answers(o.Runs[0]), Tables: c.differences(o.Runs[0])}
		if key := fmt.Sprint(x.Answers, x.Tables); !seen[key] {
			seen[key] = true
			e.Serial = append(e.Serial, x)
		}
	}
	for _, col := range c.judge.Culprits(j.outcome) {
		e.Columns = append(e.Columns, col.String())
	}
	e.explain(c.names(), j)
	return e
}

func (c *pairCase) names() (names []string) {
	for i := range c.x.Start {
		names = append(names, c.x.Start[i].Name)
	}
	return names
}

func answers(o *serial.Outcome) (all []string) {
	for _, a := range o.Answers {
		all = append(all, a.Text)
	}
	return all
}

// differences are the tables that do not hold what they held at the start.
func (c *pairCase) differences(o *serial.Outcome) []Difference { return Differences(c.x.Start, o) }

// Differences are the tables that do not hold after an execution what they held at the start.
func Differences(start []serial.Table, o *serial.Outcome) (all []Difference) {
	for i := range o.Tables {
		t := &o.Tables[i]
		if !sameRows(t.Rows, start[i].Rows) {
			rows := slices.Clone(t.Rows)
			slices.SortFunc(rows, slices.Compare)
			all = append(all, Difference{t.Name, t.Columns, rows})
		}
	}
	return all
}
