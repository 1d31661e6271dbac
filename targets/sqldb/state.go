package sqldb

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// stateQuestions are the queries that read the state: one a group of numbers, and one for the journal.
func (t *target) stateQuestions() []string {
	var all []string
	for i := range t.start.Groups {
		g := &t.start.Groups[i]
		switch {
		case g.Holds != harness.Numbers: // what is there is for operations to read
		case t.strategy.Plan.Rows:
			all = append(all, "SELECT cell, COUNT(*) FROM "+t.names.of(g.Claims)+" GROUP BY cell")
		default:
			all = append(all, t.groups[i].readAll)
		}
	}
	if t.start.Journal != "" {
		all = append(all, "SELECT op, cell, delta, version FROM "+t.names.of(t.start.Journal))
	}
	return all
}

// takeIn is the state that the answers to the questions make.
func (t *target) takeIn(answers [][]int64) (harness.State, error) {
	final := t.start.Clone()
	for i := range t.start.Groups {
		g := &t.start.Groups[i]
		if g.Holds != harness.Numbers || t.strategy.Plan.Rows {
			final.Versions = nil // there are none
		}
		if g.Holds != harness.Numbers {
			continue
		}
		got := answers[0]
		answers = answers[1:]
		if t.strategy.Plan.Rows {
			for j := 0; j+1 < len(got); j += 2 {
				if got[j] < 0 || int(got[j]) >= len(final.Values) {
					return final, fmt.Errorf("%s holds a row of cell %d, which there is not", g.Claims, got[j])
				}
				final.Values[got[j]] -= got[j+1]
			}
			continue
		}
		if there := len(got) / 3; there < g.Len { // one that is gone did not stay what it was
			return final, fmt.Errorf("%s holds %d of the %d rows that it began with: the others are gone", g.Table, there, g.Len)
		}
		for j := 0; j+2 < len(got); j += 3 {
			if got[j] < 0 || int(got[j]) >= g.Len {
				return final, fmt.Errorf("%s holds a row with id %d, which there is not", g.Table, got[j])
			}
			c := int(g.First) + int(got[j])
			final.Values[c], final.Versions[c] = got[j+1], got[j+2]
		}
	}
	if t.start.Journal == "" {
		return final, nil
	}
	got := answers[0]
	final.Entries = make([]harness.Entry, 0, len(got)/4)
	for i := 0; i+3 < len(got); i += 4 {
		if got[i+1] < 0 || int(got[i+1]) >= len(final.Values) {
			return final, fmt.Errorf("%s holds an entry of cell %d, which there is not", t.start.Journal, got[i+1])
		}
		final.Entries = append(final.Entries, harness.Entry{
			Op: got[i], Cell: harness.Cell(got[i+1]), Delta: got[i+2], Version: got[i+3],
		})
	}
	return final, nil
}

// batcher is a Conn that sends several statements in one round trip.
type batcher interface {
	// Batch asks queries, and then runs statements without arguments or answers. The answers are the caller's to keep.
	Batch(ctx context.Context, queries, statements []string) ([][]int64, error)
}

// ask asks queries, and then runs statements, in one round trip where the connection can.
func ask(ctx context.Context, c Conn, queries, statements []string) ([][]int64, error) {
	if b, ok := c.(batcher); ok && len(queries)+len(statements) > 0 {
		answers, err := b.Batch(ctx, queries, statements)
		if err != nil {
			return nil, fmt.Errorf("read the tables: %w", err)
		}
		return answers, nil
	}
	var answers [][]int64
	for _, sql := range queries {
		got, err := c.Query(ctx, sql)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
		answers = append(answers, slices.Clone(got))
	}
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return answers, nil
}
