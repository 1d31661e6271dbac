package harness

// Verdict is the answer a row gets.
type Verdict string

// The verdicts. A quiet row is a step of a sweep that shows nothing by itself: the sweep is judged as a whole.
const (
	Safe         Verdict = "safe"
	Unsafe       Verdict = "unsafe"
	Inconclusive Verdict = "inconclusive"
	Quiet        Verdict = "quiet"
	Skipped      Verdict = "skipped"
)
