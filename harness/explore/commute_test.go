package explore

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestCommute holds the rules: in doubt steps do not commute.
func TestCommute(t *testing.T) {
	read := Step{Point: harness.AtRead, Table: "t", Cells: 1, Fresh: true}
	old := Step{Point: harness.AtRead, Table: "t", Cells: 1}
	elsewhere := Step{Point: harness.AtRead, Table: "t", Cells: 2, Fresh: true}
	write := Step{Point: harness.AtWrite, Table: "t", Cells: 1}
	other := Step{Point: harness.AtWrite, Table: "t", Cells: 2}
	lock := Step{Point: harness.AtLock, Table: "t", Cells: 1}
	all := Step{Point: harness.AtLock, Table: "t", Cells: Everything}
	apart := Step{Point: harness.AtWrite, Table: "u", Cells: Everything}
	commit := Step{Point: harness.AtCommit, Cells: Everything, Ends: true}
	journal := Step{Point: harness.AtWrite, Table: "j"}
	unknown := Step{Point: harness.AtStatement, Cells: Everything}
	for _, c := range []struct {
		name                          string
		a, b                          Step
		plain, snapshot, serializable bool
	}{
		{"two reads", read, read, true, true, false},
		{"a read and a write of the same row", read, write, false, false, false},
		{"a read and a write of another row", elsewhere, write, true, false, false},
		{"a first read and another's commit", read, commit, false, false, false},
		{"a later read and another's commit", old, commit, false, true, false},
		{"a later read and another's write", old, write, false, true, false},
		{"two writes of one row", write, write, false, false, false},
		{"two writes of different rows", write, other, true, true, false},
		{"a locking read and a write", lock, write, false, false, false},
		{"a range that is locked and a write in its table", all, other, false, false, false},
		{"writes of different tables", write, apart, true, true, false},
		{"a write and another's commit", write, commit, false, false, false},
		{"two commits", commit, commit, false, false, false},
		{"an entry in the journal and anything", journal, commit, true, true, true},
		{"what nothing is known of", unknown, other, false, false, false},
	} {
		for traits, want := range map[Traits]bool{{}: c.plain, {TxSnapshot: true}: c.snapshot, {TxSnapshot: true, Watches: true}: c.serializable} {
			if traits.commute(c.a, c.b) != want || traits.commute(c.b, c.a) != want {
				t.Errorf("%s, %+v: want %v", c.name, traits, want)
			}
		}
	}
}
