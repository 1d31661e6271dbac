package anomaly

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
)

// Certify proves what a history of lists and registers is under a model, by any of its names. Where it cannot, the error says why, and
// matches certificate.ErrNone, but for that of the context: with that it ends early. A model that is not proved by itself is proved by a
// weaker one that does not hold, or a stronger one that does.
func Certify(ctx context.Context, t *history.Transactions, model string) (*certificate.Certificate, error) {
	name, err := ParseModel(model)
	if err != nil {
		return nil, err
	}
	if t.Holds(history.Sets) {
		return nil, fmt.Errorf("%w of this kind of history: append, register and mixed have some", certificate.ErrNone)
	}
	all := provable()
	if i := slices.IndexFunc(all, func(d decided) bool { return d.model == name }); i >= 0 {
		return certify(ctx, t, &all[i])
	}
	for i := range all {
		below, above := certificate.Includes(name, all[i].model), certificate.Includes(all[i].model, name)
		if !below && !above {
			continue
		}
		c, err := certify(ctx, t, &all[i])
		switch {
		case err != nil && !errors.Is(err, certificate.ErrNone):
			return nil, err
		case err == nil && (below && c.Refutation != nil || above && c.Holds != nil):
			c.Model, c.By = name, c.Model
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w under %s: no weaker model that is proved is broken, and no stronger one holds; those that are proved are %s", certificate.ErrNone, name,
		strings.Join(certificate.Models(), ", "))
}

// provable are the models of which there are certificates, those first that are quickly refuted.
func provable() []decided {
	return slices.Concat(committed(), []decided{
		{model: consistentView, rule: polygraph.ParallelSnapshot},
	}, decisions(false, true))
}

// certify proves or refutes one model.
func certify(ctx context.Context, t *history.Transactions, m *decided) (*certificate.Certificate, error) {
	c := &certificate.Certificate{Workload: t.Workload(), Model: m.model}
	if c.Refutation = certificate.Contradiction(t, m.model); c.Refutation == nil {
		z := newCertifier(t, m)
		z.limits.Ended = ctx.Done()
		c.Holds, c.Refutation = z.certify(nil)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.Holds == nil && c.Refutation == nil {
		return nil, fmt.Errorf("%w: the limits of the search are met, or it would be too large", certificate.ErrNone)
	}
	err := certificate.Verify(c, t)
	switch {
	case err != nil && c.Holds != nil && m.model == consistentView:
		return nil, fmt.Errorf("%w, as a transaction's reads contradict each other: %w", certificate.ErrNone, err)
	case err != nil:
		return nil, fmt.Errorf("%w that proves what was found (%w): please report the history", certificate.ErrNone, err)
	}
	return c, nil
}

// certifier makes a certificate of one model.
type certifier struct {
	*decider
	*decided
	how orderOf
	// into are, of what was arranged last, whom each transaction saw, or followed in its session.
	into [][]int32
}

func newCertifier(t *history.Transactions, m *decided) *certifier {
	x := newIndex(t)
	d := &decider{conclusion: &conclusion{when: timesOf(t)}, x: x, limits: polygraph.DefaultLimits()}
	d.puzzle = newPuzzle(x, m.rule == polygraph.ReadCommitted)
	return &certifier{decider: d, decided: m, how: orderOf{sessions: m.order != 0, realtime: m.order == realtime}}
}

// certify looks for an order, or for a refutation of all, with some of the open reads chosen: see decider.choose.
func (z *certifier) certify(chosen []int32) (*certificate.Holds, *certificate.Refutation) {
	if z.limits.Met(0) {
		return nil, nil
	}
	a := z.puzzle.arrange(chosen, z.rule, z.how, z.when)
	answer := polygraph.Decide(&a.Problem, z.rule, z.limits)
	z.limits.Steps -= answer.Steps + int64(len(z.x.t.Ops))
	switch {
	case answer.Status == polygraph.Refuted:
		anew := polygraph.DefaultLimits()
		anew.Ended = z.limits.Ended
		tree := polygraph.Refute(&a.Problem, z.rule, &answer, anew)
		if tree == nil {
			return nil, nil
		}
		z.into = a.links()
		return nil, z.refutation(tree, a)
	case answer.Status == polygraph.Open:
		return nil, nil
	case len(chosen) == len(z.puzzle.open):
		return z.holds(&answer, a), nil
	}
	read := &z.puzzle.reads[z.puzzle.open[len(chosen)]]
	r := &certificate.Read{Txn: read.txn, Key: z.key(read.key)}
	if z.puzzle.loose {
		r.Value = z.x.t.Values.Text(read.value)
	}
	for i, from := range read.from {
		holds, so := z.certify(append(slices.Clone(chosen), int32(i)))
		if so == nil {
			return holds, nil
		}
		r.Sources = append(r.Sources, certificate.Source{From: from, So: so})
	}
	return nil, &certificate.Refutation{Read: r}
}

func (z *certifier) key(k int32) string { return z.x.t.Keys.Text(z.x.keys[k]) }

// holds is the order that was found, and, where the model is of what transactions saw, that.
func (z *certifier) holds(answer *polygraph.Answer, a *arranged) *certificate.Holds {
	h := &certificate.Holds{}
	for _, e := range answer.Order {
		txn, _ := answer.Event(e)
		h.Order = append(h.Order, a.txns[txn])
	}
	if z.rule < polygraph.ParallelSnapshot || z.rule == polygraph.ReadCommitted {
		return h
	}
	saw := a.seenBy()
	if z.rule == polygraph.ParallelSnapshot {
		z.followed(answer.Order, a, saw)
	}
	for _, txn := range answer.Order {
		list := []int32{}
		slices.Sort(saw[txn])
		for _, s := range slices.Compact(saw[txn]) {
			list = append(list, a.txns[s])
		}
		h.Saw = append(h.Saw, list)
	}
	return h
}

// followed adds that each writer of a key saw the one before it.
func (z *certifier) followed(order []int32, a *arranged, saw [][]int32) {
	place := make([]int, a.Txns)
	for i, t := range order {
		place[t] = i
	}
	for k := range a.Keys {
		writers := slices.Clone(a.Keys[k].Writers)
		slices.SortFunc(writers, func(x, y int32) int { return place[x] - place[y] })
		for i := 1; i < len(writers); i++ {
			saw[writers[i]] = append(saw[writers[i]], writers[i-1])
		}
	}
}

// seenBy are, by transaction, those of which it found something.
func (a *arranged) seenBy() [][]int32 {
	saw := make([][]int32, a.Txns)
	for k := range a.Keys {
		for _, r := range a.Keys[k].Reads {
			if r.From >= 0 {
				saw[r.Txn] = append(saw[r.Txn], r.From)
			}
		}
	}
	for _, s := range a.Saw {
		saw[s.Second] = append(saw[s.Second], s.First)
	}
	return saw
}

// links are, by transaction, those of which it found something, and the one before it in its session.
func (a *arranged) links() [][]int32 {
	into := a.seenBy()
	for _, s := range a.Sessions {
		for i := 1; i < len(s); i++ {
			into[s[i]] = append(into[s[i]], s[i-1])
		}
	}
	for _, b := range a.Before {
		into[b.Second] = append(into[b.Second], b.First)
	}
	return into
}
