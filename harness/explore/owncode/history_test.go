package owncode

import "testing"

// TestWhoWavers: the code is blamed only for another statement after the same answers.
func TestWhoWavers(t *testing.T) {
	read := func(got string) *Statement { return &Statement{sql: "SELECT v", answered: true, got: got} }
	write := func(arg int) *Statement { return &Statement{sql: "UPDATE v", args: []any{arg}, answered: true} }
	for _, c := range []struct {
		about string
		again []*Statement
		want  bool
	}{
		{"the same", []*Statement{read("1"), write(2)}, false},
		{"the server answered otherwise", []*Statement{read("5"), write(6)}, false},
		{"the code wrote otherwise", []*Statement{read("1"), write(3)}, true},
		{"the code returned before", []*Statement{read("1")}, true},
	} {
		var h history
		h.add(0, []*Statement{read("1"), write(2)}, true)
		h.add(1, []*Statement{read("1"), write(9)}, true)
		h.add(0, c.again, true)
		if h.wavered != c.want {
			t.Errorf("%s: wavered is %v", c.about, h.wavered)
		}
	}
}
