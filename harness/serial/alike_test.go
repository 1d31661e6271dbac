package serial

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// shopOf has clients buy what there is, in an order, and says what came of it after each. Tickets are keys, and a is a name in a table
// that nobody changes.
func shopOf(stock int, order []int, from int) (all []*Outcome) {
	answers := make([]Answer, len(order))
	var orders [][]string
	left := stock
	look := func() {
		all = append(all, &Outcome{Answers: slices.Clone(answers), Tables: []Table{
			{Name: "stock", Columns: []string{"left"}, Rows: [][]string{{strconv.Itoa(left)}}},
			{Name: "orders", Columns: []string{"id", "customer"}, Keys: map[string]string{"id": "s"}, Rows: slices.Clone(orders)},
			{Name: "staff", Columns: []string{"name"}, Rows: [][]string{{"a"}}},
		}})
	}
	look()
	for _, c := range order {
		name := string(rune('a' + c))
		answers[c] = Answer{Given: true, Outcome: harness.Rejected, Parts: Body(name, 409, nil)}
		if left > 0 {
			left--
			id := strconv.Itoa(from + len(orders))
			orders = append(orders, []string{id, name})
			answers[c] = Answer{Given: true, Outcome: harness.OK, Parts: Body(name, 200, []byte(`{"order":`+id+`,"for":"`+name+`"}`))}
		}
		look()
	}
	return all
}

func alikeShop(t *testing.T, stock int) *Alike {
	t.Helper()
	start := shopOf(stock, nil, 0)[0].Tables
	a, err := NewAlike(start, nil, [][]string{{"a"}, {"b"}, {"c"}, {"d"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 1, 2, 3}, {2, 3, 0, 1}} {
		if err := a.Add(order, shopOf(stock, order, 1000*(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// last is what came of it after all clients.
func last(all []*Outcome) *Outcome { return all[len(all)-1] }

// TestAlike: one serial order stands for all, whoever comes first; what no order gives is told apart.
func TestAlike(t *testing.T) {
	a := alikeShop(t, 2)
	if got := a.Judge(last(shopOf(2, []int{1, 3, 0, 2}, 77))); got != Fits {
		t.Errorf("another order: %v", got)
	}
	for what, c := range map[string]struct {
		change func(o *Outcome)
		want   Verdict
	}{
		"sold once too often": {func(o *Outcome) {
			o.Answers[0] = Answer{Given: true, Outcome: harness.OK, Parts: Body("a", 200, []byte(`{"order":99,"for":"a"}`))}
			o.Tables[1].Rows = append(o.Tables[1].Rows, []string{"99", "a"})
		}, Violation},
		"an order for who was refused": {func(o *Outcome) { o.Tables[1].Rows[0][1] = "a" }, Violation},
		"an order is missing":          {func(o *Outcome) { o.Tables[1].Rows = o.Tables[1].Rows[:1] }, Violation},
		"told of another's order":      {func(o *Outcome) { o.Answers[1].Parts = Body("b", 200, []byte(`{"order":78,"for":"b"}`)) }, Violation},
		"the stock is another":         {func(o *Outcome) { o.Tables[0].Rows = [][]string{{"1"}} }, Violation},
		"refused for nothing": {func(o *Outcome) {
			*o = *last(shopOf(1, []int{1, 3, 0, 2}, 77))
			o.Tables[0].Rows = [][]string{{"1"}}
		}, LostSale},
		"an error for a refusal":    {func(o *Outcome) { o.Answers[0].Outcome = harness.Unknown }, Error},
		"an error that took effect": {func(o *Outcome) { o.Answers[1].Outcome = harness.Unknown }, Error},
	} {
		o := last(shopOf(2, []int{1, 3, 0, 2}, 77))
		c.change(o)
		if got := a.Judge(o); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// TestUnlike: where it matters which client comes first, or two runs in the same order differ, that is said.
func TestUnlike(t *testing.T) {
	start := shopOf(2, nil, 0)[0].Tables
	a, err := NewAlike(start, nil, [][]string{{"a"}, {"b"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Add([]int{0, 1}, shopOf(2, []int{0, 1}, 10)); err != nil {
		t.Fatal(err)
	}
	other := shopOf(2, []int{1, 0}, 20)
	other[1].Tables[0].Rows = [][]string{{"0"}} // b takes two
	var unlike *UnlikeError
	if err := a.Add([]int{1, 0}, other); !errors.As(err, &unlike) {
		t.Errorf("%v, want that clients are not alike", err)
	}
	again := shopOf(2, []int{0, 1}, 30)
	again[2].Tables[0].Rows = [][]string{{"7"}}
	var differ *DifferError
	if err := a.Add([]int{0, 1}, again); !errors.As(err, &differ) || errors.As(err, &unlike) {
		t.Errorf("%v, want that the program is not deterministic", err)
	}
}

// TestAlikeStruck: whose answer is lost may have been done or not, and nothing else is made good by that.
func TestAlikeStruck(t *testing.T) {
	a := alikeShop(t, 2)
	lost := func(clients ...int) func(*Outcome) {
		return func(o *Outcome) {
			for _, c := range clients {
				o.Answers[c] = Answer{Given: true, Outcome: harness.Unknown, Parts: Status(string(rune('a'+c)), 500)}
			}
		}
	}
	for what, c := range map[string]struct {
		change func(o *Outcome) // b and d have a ticket, a and c were refused
		want   bool
	}{
		"nothing lost":            {func(*Outcome) {}, true},
		"a lost answer":           {lost(1), true},
		"the answer of a refusal": {lost(0), true},
		"all lost":                {lost(0, 1, 2, 3), true},
		"another answer":          {func(o *Outcome) { o.Answers[1].Parts = Body("b", 201, []byte(`"again"`)) }, true},
		"not done": {func(o *Outcome) {
			lost(3)(o)
			o.Tables[0].Rows = [][]string{{"1"}}
			o.Tables[1].Rows = o.Tables[1].Rows[:1]
		}, true},
		"half done":                {func(o *Outcome) { lost(3)(o); o.Tables[1].Rows = o.Tables[1].Rows[:1] }, false},
		"twice":                    {func(o *Outcome) { lost(1)(o); o.Tables[1].Rows = append(o.Tables[1].Rows, []string{"99", "b"}) }, false},
		"an acknowledged one lost": {func(o *Outcome) { lost(1)(o); o.Tables[1].Rows[1] = []string{"99", "b"} }, false},
		"done and refused":         {func(o *Outcome) { lost(1)(o); o.Tables[1].Rows[0][1] = "a" }, false},
		"done and certainly not":   {func(o *Outcome) { o.Answers[1] = Answer{Given: true, Outcome: harness.Failed, Parts: Status("b", 0)} }, false},
	} {
		o := last(shopOf(2, []int{1, 3, 0, 2}, 77))
		c.change(o)
		if got := a.Struck(o); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
