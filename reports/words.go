package reports

import "github.com/lastseat/lastseat/harness"

// Word is a word of the table, and what it means in a sentence.
type Word struct{ Name, Meaning string }

// VerdictTexts say what each verdict means.
func VerdictTexts() []Word {
	return []Word{
		{string(harness.Safe), "no check found anything, the checks are known to find something, and there was enough contention to tell"},
		{string(harness.Unsafe), "a check found a violation: what clients were told and what the store holds do not go together"},
		{string(harness.Inconclusive), "nothing broke, and there was too little evidence to call that safe, or the row met an error"},
		{"UNSAFE!", "unsafe although it was promised to be safe: the strategy, the server or lastseat is wrong; the exit code is 1"},
		{"safe*", "safe, and no positive control ran beside it: its checks were shown planted corruptions of its own history instead"},
		{string(harness.Quiet), "a step of a sweep that shows nothing by itself; the sweep is judged as a whole"},
		{string(harness.Skipped), "the target does not have this row; the reason says why"},
	}
}

// ColumnTexts say what each column of the table means.
func ColumnTexts() []Word {
	meanings := [len(columns)]string{
		rowColumn:        "the strategy, what is around it, the isolation level, and the fault: naive-tx+redis@rc!kill-server",
		clientsColumn:    "how many clients ran at the same time",
		cellsColumn:      "how many items or accounts they contended for",
		rateColumn:       "operations that were due a second, over all clients",
		skewColumn:       "the constant of zipfian choices among cells: near 1, a few cells are chosen most",
		verdictColumn:    "safe, unsafe, inconclusive or quiet; with whether that was expected",
		opsColumn:        "operations that succeeded, a second (goodput); of repeats, their median",
		bestColumn:       "the row's goodput divided by that of the fastest safe row of its target; where none is safe, of the fastest; with --reference, of that row",
		conflictsColumn:  "the share of attempts that a conflict ended: a serialization failure, a deadlock, a version that did not match",
		waitingColumn:    "the share of the clients' time that they spent waiting for locks or backing off",
		triesColumn:      "attempts an operation took, on average",
		p50Column:        "half of the operations that succeeded took at most this long, all their attempts included",
		p99Column:        "99 % of the operations that succeeded took at most this long, all their attempts included",
		lagColumn:        "open loop: 99 % of the operations began at most this long after they were due",
		missedColumn:     "open loop: operations that were due and never began",
		violationsColumn: "what the checks found, or of a row without: in how many trials nothing was found",
		modelsColumn:     "the strongest isolation models that the row's history is consistent with",
		reasonColumn:     "why the verdict is what it is",
	}
	var all []Word
	for i, name := range columns {
		all = append(all, Word{name, meanings[i]})
	}
	return append(all, Word{"vs reference", "vs best, where --reference names the row to compare with"})
}
