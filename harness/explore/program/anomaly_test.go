package program

import "testing"

// TestApart: what is read and written in one transaction is told from what is not, however transactions begin.
func TestApart(t *testing.T) {
	read, write, commit := Step{Reads: 1}, Step{Writes: 1}, Step{Commits: true}
	begun := func(s Step) Step { s.Begins = "BEGIN"; return s }
	other := func(s Step) Step { s.Client = 1; return s }
	for name, c := range map[string]struct {
		steps []Step
		apart bool
	}{
		"one transaction":                 {[]Step{begun(read), other(begun(read)), write, commit, other(write), other(commit)}, false},
		"a BEGIN that nobody saw":         {[]Step{read, write, commit}, false},
		"no transaction":                  {[]Step{read, other(read), write, other(write)}, true},
		"the read before the transaction": {[]Step{read, begun(write), commit}, true},
		"two transactions":                {[]Step{begun(read), commit, begun(write), commit}, true},
		"read again in the second":        {[]Step{begun(read), commit, begun(read), write, commit}, false},
		"a write without a read":          {[]Step{write, other(read)}, false},
		"another table":                   {[]Step{{Reads: 2}, write}, false},
	} {
		if got := (&Example{Steps: c.steps}).apart(1); got != c.apart {
			t.Errorf("%s: apart is %v, want %v", name, got, c.apart)
		}
	}
}
