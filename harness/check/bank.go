package check

import (
	"fmt"
	"math"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeBank demands of every read of all accounts that they hold the same total, that none is overdrawn, and that they are
// those of the first read: transfers only move what there is. The rules are those of jepsen.tests.bank, with its names. There may be
// many banks, each under a key of its own, and a read may be a vector of the balances of accounts 0, 1, 2, …
func judgeBank(r *recording) error {
	banks := map[any]*bank{}
	keyed, reads, total := r.independent(), 0, int64(0)
	for i := range r.events {
		e := &r.events[i]
		key, value := any(nil), e.Value
		if keyed {
			var ok bool
			switch key, value, ok = tuple(e.Value); {
			case !ok && e.Type == history.OK:
				return shapeError(e, "expected a value like [key value], as the others have, found %s", explainValue(e.Value))
			case !ok:
				continue // some tests put there why it failed
			}
		}
		b := banks[asKey(key)]
		if b == nil {
			b = &bank{recording: r}
			if keyed {
				b.of = "bank " + explainValue(key) + ": "
			}
			banks[asKey(key)] = b
		}
		if err := transferShape(e, value); err != nil {
			return err
		}
		if e.F != "read" || e.Type != history.OK {
			continue
		}
		if err := b.read(int32(i), value); err != nil {
			return err
		}
		reads++
		total = b.total
	}
	if reads == 0 {
		r.unsure = "the accounts were never read"
	}
	r.summary = fmt.Sprintf("each of %d reads found a total of %d", reads, total)
	if len(banks) > 1 {
		r.summary = fmt.Sprintf("each of %d reads of %d banks found that bank's total", reads, len(banks))
	}
	return nil
}

// bank is what is known of one bank.
type bank struct {
	*recording
	of       string // how what is said of it begins
	accounts map[any]bool
	total    int64
}

// read judges what one read found.
func (b *bank) read(event int32, value any) error {
	found, err := newBalances(&b.events[event], value)
	if err != nil {
		return err
	}
	if b.accounts == nil {
		b.accounts, b.total = found.accounts(), found.total
		if b.opt.Total != nil {
			b.total = *b.opt.Total
		}
	}
	b.judgeBalances(event, found)
	return nil
}

// transferShape looks at how a transfer begins. What its end says is not asked for: some tests put their reason there.
func transferShape(e *history.Event, value any) error {
	if e.F != "transfer" || e.Type != history.Invoke {
		return nil
	}
	if m, ok := value.(history.Map); ok {
		has := map[string]bool{}
		for _, p := range m {
			has[strings.TrimPrefix(strings.Trim(show(p.Key), `"`), ":")] = true
		}
		if has["from"] && has["to"] && has["amount"] {
			return nil
		}
	}
	return shapeError(e, "expected a transfer's value to be a map of :from, :to and :amount, found %s", explainValue(value))
}

// balances are what one read found.
type balances struct {
	history.Map
	total int64
	empty []string // accounts without a balance
	below []string // overdrawn accounts, with their balances
}

func newBalances(e *history.Event, value any) (*balances, error) {
	var m history.Map
	switch v := value.(type) {
	case history.Map:
		m = v
	case []any:
		for i, balance := range v {
			m = append(m, history.Pair{Key: int64(i), Value: balance})
		}
	default:
		return nil, shapeError(e, "expected a read's value to be a map of accounts to balances, or a vector of balances, found %s", explainValue(value))
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

func (k *bank) judgeBalances(event int32, b *balances) {
	here := func(format string, args ...any) func() string {
		return func() string { return k.of + fmt.Sprintf(format, args...) + " in the read of " + k.place(event) }
	}
	var strange []string
	for _, p := range b.Map {
		if !k.accounts[asKey(p.Key)] {
			strange = append(strange, explainValue(p.Key))
		}
	}
	switch {
	case len(strange) > 0:
		k.found("unexpected-key", func() string {
			return k.of + fmt.Sprintf("%s in the read of %s, but not in the first read", accountsNamed(strange, "was", "were"), k.place(event))
		})
	case len(b.empty) > 0:
		k.found("nil-balance", here("%s no balance", accountsNamed(b.empty, "had", "had")))
	case b.total != k.total:
		// A read may leave out empty accounts, so one that is missing counts only where money is missing, too.
		if missing := len(k.accounts) - len(b.Map); missing > 0 {
			k.found("missing-account", here("The accounts were %d instead of %d", len(b.Map), len(k.accounts)))
		}
		k.found("wrong-total", func() string {
			return k.of + fmt.Sprintf("The accounts held %d in all instead of %d in the read of %s: %s", b.total, k.total, k.place(event), explainValue(b.Map))
		})
	case len(b.below) > 0 && !k.opt.Negative:
		k.found("negative-value", here("%s", sentence(list(b.below))))
	}
}

// accountsNamed is "Account 1 was", "Accounts 1 and 2 were".
func accountsNamed(names []string, was, were string) string {
	if len(names) == 1 {
		return "Account " + names[0] + " " + was
	}
	return "Accounts " + list(names) + " " + were
}
