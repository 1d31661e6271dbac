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
	back := Step{Point: harness.AtRollback, Cells: Everything, Ends: true}
	over := Step{Point: harness.AtRollback, Cells: Everything, Ends: true, Over: true}
	journal := Step{Point: harness.AtWrite, Table: "j"}
	row := func(p harness.Point, key, values string) Step {
		return Step{Point: p, Table: "t", Cells: 4, Fresh: p == harness.AtRead, Row: Row{key, values}}
	}
	table := Step{Point: harness.AtWrite, Table: "t", Cells: 4}
	done := row(harness.AtWrite, "stock id", "2")
	done.Ends = true
	unknown := Step{Point: harness.AtStatement, Cells: Everything}
	for _, c := range []struct {
		name                          string
		a, b                          Step
		plain, snapshot, serializable bool
	}{
		{"two reads", read, read, true, true, false},
		{"a read and a write of the same row", read, write, false, true, false},
		{"a read and a write of another row", elsewhere, write, true, true, false},
		{"a first read and a write that commits at once", read, done, false, false, false},
		{"a first read and another's rollback", read, back, false, true, false},
		{"a write and another's rollback", write, back, false, false, false},
		{"what is over and anything", over, write, true, true, true},
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
		{"writes of two rows of a table", row(harness.AtWrite, "stock id", "1"), row(harness.AtWrite, "stock id", "2"), true, true, false},
		{"a row that is locked and another that is written", row(harness.AtLock, "stock id", "1"), row(harness.AtWrite, "stock id", "2"), true, true, false},
		{"a row that is read and another that is written", row(harness.AtRead, "stock id", "1"), row(harness.AtWrite, "stock id", "2"), true, true, false},
		{"a row that is written twice", row(harness.AtWrite, "stock id", "1"), row(harness.AtWrite, "stock id", "1"), false, false, false},
		{"rows by two keys, which may be one row", row(harness.AtWrite, "stock id", "1"), row(harness.AtWrite, "stock code", "2"), false, false, false},
		{"a row and its table", row(harness.AtWrite, "stock id", "1"), table, false, false, false},
		{"a row and a commit that writes another", row(harness.AtWrite, "stock id", "1"), done, false, false, false},
		{"what nothing is known of", unknown, other, false, false, false},
	} {
		for traits, want := range map[Traits]bool{{}: c.plain, {TxSnapshot: true}: c.snapshot, {TxSnapshot: true, Watches: true}: c.serializable} {
			if traits.commute(c.a, c.b) != want || traits.commute(c.b, c.a) != want {
				t.Errorf("%s, %+v: want %v", c.name, traits, want)
			}
		}
	}
}

// TestMayWait: a step may wait for what another's transaction under way has locked, or waits to lock, and for nothing else.
func TestMayWait(t *testing.T) {
	write := Step{Point: harness.AtWrite, Table: "t", Cells: 1}
	elsewhere := Step{Point: harness.AtWrite, Table: "t", Cells: 2}
	unknown := Step{Point: harness.AtStatement, Cells: Everything}
	read := Step{Point: harness.AtRead, Table: "t", Cells: 1, Fresh: true}
	commit := Step{Point: harness.AtCommit, Cells: Everything, Ends: true}
	turns := func(client int, steps ...Step) (all []Turn) {
		for _, s := range steps {
			all = append(all, Turn{Client: client, Step: s})
		}
		return all
	}
	for _, c := range []struct {
		what  string
		turns []Turn
		next  Step
		want  bool
	}{
		{"the row that another wrote", turns(1, write), write, true},
		{"any statement", turns(1, write), unknown, true},
		{"after any statement", turns(1, unknown), elsewhere, true},
		{"another row", turns(1, write), elsewhere, false},
		{"the row that another read", turns(1, read), write, false},
		{"a read", turns(1, write), read, false},
		{"the row of a transaction that is over", turns(1, write, commit), write, false},
		{"the row of a transaction after one that is over", turns(1, write, commit, write), write, true},
		{"its own", turns(0, write), write, false},
		{"nobody's", nil, write, false},
	} {
		if got := mayWait(Traits{}, c.turns, 0, c.next); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}
