package explore

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestCommute holds the rules: in doubt steps do not commute.
func TestCommute(t *testing.T) {
	read := step{point: harness.AtRead, table: "t", cells: 1, fresh: true}
	old := step{point: harness.AtRead, table: "t", cells: 1}
	elsewhere := step{point: harness.AtRead, table: "t", cells: 2, fresh: true}
	write := step{point: harness.AtWrite, table: "t", cells: 1}
	other := step{point: harness.AtWrite, table: "t", cells: 2}
	lock := step{point: harness.AtLock, table: "t", cells: 1}
	all := step{point: harness.AtLock, table: "t", cells: everything}
	apart := step{point: harness.AtWrite, table: "u", cells: everything}
	commit := step{point: harness.AtCommit, cells: everything, ends: true}
	journal := step{point: harness.AtWrite, table: "j"}
	unknown := step{point: harness.AtStatement, cells: everything}
	for _, c := range []struct {
		name                          string
		a, b                          step
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
