package check

import (
	"fmt"
	"math"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeBank demands of every read of all accounts that they hold the same total, that none is overdrawn, and that they are
// those of the first read: transfers only move what there is. The rules are those of jepsen.tests.bank, with its names.
func judgeBank(r *recording) error {
	var first *history.Event
	var accounts map[any]bool
	var total int64
	reads := 0
	for i := range r.events {
		e := &r.events[i]
		if err := transferShape(e); err != nil {
			return err
		}
		if e.F != "read" || e.Type != history.OK {
			continue
		}
		b, err := newBalances(e)
		if err != nil {
			return err
		}
		if reads++; first == nil {
			first, accounts, total = e, b.accounts(), b.total
			if r.opt.Total != nil {
				total = *r.opt.Total
			}
		}
		r.judgeBalances(int32(i), b, accounts, total)
	}
	if reads == 0 {
		r.unsure = "the accounts were never read"
	}
	r.summary = fmt.Sprintf("each of %d reads found a total of %d", reads, total)
	return nil
}

// transferShape looks at how a transfer begins. What its end says is not asked for: some tests put their reason there.
func transferShape(e *history.Event) error {
	if e.F != "transfer" || e.Type != history.Invoke {
		return nil
	}
	if m, ok := e.Value.(history.Map); ok {
		has := map[string]bool{}
		for _, p := range m {
			has[strings.TrimPrefix(strings.Trim(show(p.Key), `"`), ":")] = true
		}
		if has["from"] && has["to"] && has["amount"] {
			return nil
		}
	}
	return shapeError(e, "expected a transfer's value to be a map of :from, :to and :amount, found %s", explainValue(e.Value))
}

// balances are what one read found.
type balances struct {
	history.Map
	total int64
	empty []string // accounts without a balance
	below []string // overdrawn accounts, with their balances
}

func newBalances(e *history.Event) (*balances, error) {
	m, ok := e.Value.(history.Map)
	if !ok {
		return nil, shapeError(e, "expected a read's value to be a map of accounts to balances, found %s", explainValue(e.Value))
	}
	b := &balances{Map: m}
	for _, p := range m {
		n, ok := p.Value.(int64)
		switch {
		case p.Value == nil:
			b.empty = append(b.empty, explainValue(p.Key))
		case !ok:
			return nil, shapeError(e, "expected the balance of account %s to be a whole number, found %s", explainValue(p.Key), explainValue(p.Value))
		case n > 0 && b.total > math.MaxInt64-n || n < 0 && b.total < math.MinInt64-n:
			return nil, shapeError(e, "expected balances that add up to a number of 64 bits")
		case n < 0:
			b.below = append(b.below, fmt.Sprintf("account %s was at %d", explainValue(p.Key), n))
		}
		b.total += n
	}
	return b, nil
}

func (b *balances) accounts() map[any]bool {
	all := make(map[any]bool, len(b.Map))
	for _, p := range b.Map {
		all[asKey(p.Key)] = true
	}
	return all
}

func (r *recording) judgeBalances(event int32, b *balances, accounts map[any]bool, total int64) {
	here := func(format string, args ...any) func() string {
		return func() string { return fmt.Sprintf(format, args...) + " in the read of " + r.place(event) }
	}
	var strange []string
	for _, p := range b.Map {
		if !accounts[asKey(p.Key)] {
			strange = append(strange, explainValue(p.Key))
		}
	}
	switch {
	case len(strange) > 0:
		r.found("unexpected-key", func() string {
			return fmt.Sprintf("%s in the read of %s, but not in the first read", accountsNamed(strange, "was", "were"), r.place(event))
		})
	case len(b.empty) > 0:
		r.found("nil-balance", here("%s no balance", accountsNamed(b.empty, "had", "had")))
	case b.total != total:
		// A read may leave out empty accounts, so one that is missing counts only where money is missing, too.
		if missing := len(accounts) - len(b.Map); missing > 0 {
			r.found("missing-account", here("The accounts were %d instead of %d", len(b.Map), len(accounts)))
		}
		r.found("wrong-total", func() string {
			return fmt.Sprintf("The accounts held %d in all instead of %d in the read of %s: %s", b.total, total, r.place(event), explainValue(b.Map))
		})
	case len(b.below) > 0 && !r.opt.Negative:
		r.found("negative-value", here("%s", sentence(list(b.below))))
	}
}

// accountsNamed is "Account 1 was", "Accounts 1 and 2 were".
func accountsNamed(names []string, was, were string) string {
	if len(names) == 1 {
		return "Account " + names[0] + " " + was
	}
	return "Accounts " + list(names) + " " + were
}
