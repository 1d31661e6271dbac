package history

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNumbersFast: what is read the fast way is what is read the slow way.
func TestNumbersFast(t *testing.T) {
	token := rapid.SampledFrom([]string{"0", "7", "12", "007", "123456789", "1234567890", "-1", "1a", ":x", "nil", "[]", "\"1\"", "#_3"})
	space := rapid.SampledFrom([]string{" ", ",", ", ", "\n", "  ", "\t"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			text += token.Draw(t, "token") + space.Draw(t, "space")
		}
		slow, fast := newTxnReader([]byte("["+text+"]"), edn, may{Lists: true}), newTxnReader([]byte("["+text+"]"), edn, may{Lists: true})
		var want []int32
		bad := parse(func() {
			for end := slow.enter(); slow.more(end); {
				want = append(want, slow.number(&slow.out.Values))
			}
		})
		var op TxnOp
		badFast := parse(func() { fast.list(&fast.parser, &op) })
		if (bad == nil) != (badFast == nil) || bad == nil && !slices.Equal(want, fast.out.Elements) {
			t.Fatalf("%q: %v (%v), want %v (%v)", text, fast.out.Elements, badFast, want, bad)
		}
	})
}

// TestNumbersOfAnySize: how a whole number is written does not matter.
func TestNumbersOfAnySize(t *testing.T) {
	for _, same := range [][]string{{"1", "1N", "+1"}, {"123456789012", "123456789012N"}, {"-7", "-7N"}, {"99999999999999999999", "99999999999999999999N"}} {
		names := Names{}
		want := newTxnReader([]byte(same[0]), edn, may{}).number(&names)
		for _, other := range same[1:] {
			if got := newTxnReader([]byte(other), edn, may{}).number(&names); got != want {
				t.Errorf("%s is %d, %s is %d", same[0], want, other, got)
			}
		}
	}
}
