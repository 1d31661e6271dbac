package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Broken are the user's rules that what the tables hold now breaks.
func (l *Lane) Broken(ctx context.Context) (broken []string, err error) {
	broken, err = l.brokenRules(ctx)
	if err != nil || l.program.Effects == "" {
		return broken, err
	}
	times, err := l.effective(ctx)
	return append(broken, l.effects(times)...), err
}

// brokenRules are the invariants that what the tables hold now breaks.
func (l *Lane) brokenRules(ctx context.Context) (broken []string, err error) {
	for _, rule := range l.program.Invariants {
		_, rows, err := l.store.Query(ctx, rule.SQL)
		if err != nil {
			return nil, fmt.Errorf("invariant %s: %w", rule.Name, err)
		}
		if len(rows) > 0 {
			broken = append(broken, fmt.Sprintf("%s: broken by %s, the first: %s", rule.Name, rowCount(int64(len(rows))), database.Line(rows[0])))
		}
	}
	return broken, nil
}

// effective is how often each id took effect.
func (l *Lane) effective(ctx context.Context) (map[string]int, error) {
	_, rows, err := l.store.Query(ctx, l.program.Effects)
	if err != nil {
		return nil, fmt.Errorf("effects: %w", err)
	}
	times := map[string]int{}
	for _, r := range rows {
		if len(r) > 0 { // PostgreSQL selects nothing, if asked to
			times[r[0]]++
		}
	}
	return times, nil
}

// effects compares the ids that took effect with what the clients were told.
func (l *Lane) effects(times map[string]int) (broken []string) {
	for i, p := range l.players {
		v := spec.ClientValues(i)
		n := times[v["id"]] + times[v["client"]]
		switch {
		case n > 1:
			broken = append(broken, fmt.Sprintf("effects: %s of client %s took effect %d times", p.op.Name, v["client"], n))
		case n == 0 && p.reply.outcome == harness.OK && l.takesEffect(p.op):
			broken = append(broken, fmt.Sprintf("effects: %s of client %s was answered ok and took no effect", p.op.Name, v["client"]))
		case n > 0 && (p.reply.outcome == harness.Rejected || p.reply.outcome == harness.Failed):
			broken = append(broken, fmt.Sprintf("effects: %s of client %s was refused and took effect", p.op.Name, v["client"]))
		}
	}
	return broken
}

// takesEffect reports whether an operation that is ok is to have an effect: not where it only asks.
func (l *Lane) takesEffect(op *spec.Operation) bool {
	if op.Kind() == spec.HTTP {
		return op.Method != http.MethodGet && op.Method != http.MethodHead
	}
	return l.changes[op.Name]
}
