package serial

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// shop is what the tables hold at the start: one order of before, whose number is 1.
func shop(orders, lines [][]string) []Table {
	return []Table{
		{Name: "orders", Columns: []string{"id", "customer", "made", "token"}, Keys: map[string]string{"id": "s"}, Rows: append([][]string{{"1", "old", "2020-01-01 00:00:00", "x"}}, orders...)},
		{Name: "lines", Columns: []string{"order_id", "note"}, Rows: lines},
	}
}

func order(id int, customer string, second int) []string {
	return []string{fmt.Sprint(id), customer, fmt.Sprintf("2026-11-28 16:00:%02d", second), fmt.Sprintf("5ea7%04d-0000-4000-8000-%012d", id, second)}
}

func line(id int, customer string) []string {
	return []string{fmt.Sprint(id), fmt.Sprintf("order %d for %s", id, customer)}
}

func ok(client, body string) Answer {
	return Answer{Given: true, Outcome: harness.OK, Parts: Body(client, 200, []byte(body))}
}

func refused(client string) Answer {
	return Answer{Given: true, Outcome: harness.Rejected, Parts: Body(client, 409, nil)}
}

func id(n int) string { return fmt.Sprintf(`{"id": %d}`, n) }

// both is the outcome of two orders, one after the other.
func both(first, second int, one, other string, second60 int) *Outcome {
	answers := map[string]Answer{one: ok(one, id(first)), other: ok(other, id(second))}
	return &Outcome{
		Answers: []Answer{answers["a"], answers["b"]},
		Tables:  shop([][]string{order(first, one, second60), order(second, other, second60)}, [][]string{line(first, one), line(second, other)}),
	}
}

func alone(n int, client string, second int) *Outcome {
	o := &Outcome{Answers: make([]Answer, 2), Tables: shop([][]string{order(n, client, second)}, [][]string{line(n, client)})}
	o.Answers[int(client[0]-'a')] = ok(client, id(n))
	return o
}

// learned is a judge that has seen all serial orders twice.
func learned(t *testing.T) *Judge {
	t.Helper()
	j, err := New(shop(nil, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	for round, from := range []int{1000, 9_000_000} {
		for _, s := range []struct {
			order []int
			o     *Outcome
		}{
			{nil, &Outcome{Answers: make([]Answer, 2), Tables: shop(nil, nil)}},
			{[]int{0}, alone(from, "a", round)},
			{[]int{1}, alone(from+1, "b", round)},
			{[]int{0, 1}, both(from+2, from+3, "a", "b", round)},
			{[]int{1, 0}, both(from+4, from+5, "b", "a", round)},
		} {
			if err := j.Add(s.order, s.o); err != nil {
				t.Fatal(err)
			}
		}
	}
	return j
}

func TestJudge(t *testing.T) {
	wrongKey := both(70, 90, "b", "a", 30)
	wrongKey.Tables[1].Rows[0][0] = "90"
	seedKey := both(70, 90, "b", "a", 30)
	seedKey.Tables[1].Rows[0] = line(1, "b")
	lost := alone(70, "a", 40)
	lost.Answers[1] = refused("b")
	failed := alone(70, "a", 40)
	failed.Answers[1] = Answer{Given: true, Outcome: harness.Unknown, Parts: Status("b", 500)}
	missing := alone(70, "a", 40)
	missing.Answers[1] = ok("b", id(71))
	for name, c := range map[string]struct {
		o    *Outcome
		want Verdict
	}{
		"other keys and another time, with a gap": {both(70, 90, "b", "a", 30), Fits},
		"a line refers to the other's order":      {wrongKey, Violation},
		"a line refers to an order of the seed":   {seedKey, Violation},
		"a refusal without need":                  {lost, LostSale},
		"an error without effect":                 {failed, Error},
		"acknowledged, and nothing is there":      {missing, Violation},
		"an answer names the other's order":       {swapped(), Violation},
	} {
		if got := learned(t).Judge(c.o); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// swapped is an outcome whose answers name each other's orders.
func swapped() *Outcome {
	o := both(70, 90, "a", "b", 30)
	o.Answers[0], o.Answers[1] = ok("a", id(90)), ok("b", id(70))
	return o
}

// TestStaleRead: what only a client that writes nothing was told wrong is a class of its own.
func TestStaleRead(t *testing.T) {
	j := learned(t)
	j.ReadOnly([]bool{false, true})
	o := both(70, 90, "a", "b", 30)
	o.Answers[1] = ok("b", `{"id": 1}`)
	if got := j.Judge(o); got != StaleRead {
		t.Errorf("%v, want a stale read", got)
	}
	if got := j.Culprits(o); len(got) != 1 || got[0].String() != "answers.body.id" || got[0].Table != "answer of b" {
		t.Errorf("%v, want the column that differs", got)
	}
}

// TestNotDeterministic: what differs between serial runs, and has the shape of nothing that may, is named.
func TestNotDeterministic(t *testing.T) {
	for text, shape := range map[string]bool{
		"17": false, "three": false, "2026-11-28T16:00:01.123Z": true, "Sat, 28 Nov 2026 16:00:00 GMT": true, "1795881600": true,
		"0b8e6e8e-52a5-4ed3-9b0a-2d8a5f1f0c11": true, "tok_9aZ81kQwErTy0071": true,
	} {
		j := learned(t)
		o := both(5, 6, "a", "b", 10)
		o.Tables[1].Rows[0][1] = strings.Replace(o.Tables[1].Rows[0][1], "for a", text, 1)
		o2 := both(5, 6, "a", "b", 10)
		o2.Tables[1].Rows[0][1] = strings.Replace(o2.Tables[1].Rows[0][1], "for a", strings.NewReplacer("6", "7", "7", "8", "three", "four").Replace(text), 1)
		j.orders = nil
		err := errors.Join(j.Add([]int{0, 1}, o), j.Add([]int{0, 1}, o2))
		var differ *DifferError
		if errors.As(err, &differ) == shape {
			t.Errorf("%s: %v", text, err)
		}
	}
}
