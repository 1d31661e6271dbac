package polygraph

// Rule is what an order has to satisfy.
type Rule uint8

const (
	// Serializable: each transaction happens at one moment, and reads what was last written.
	Serializable Rule = iota
	// Snapshot isolation: a transaction reads at its beginning and writes at its commit, and of two that write the same key one
	// commits before the other begins (Adya 1999).
	Snapshot
	// Prefix consistency: the same, but two that write the same key may run at once (Biswas and Enea 2019).
	Prefix
	// ParallelSnapshot is parallel snapshot isolation: what a transaction sees is closed under what that saw, and of two that
	// write the same key one sees the other (Cerone, Bernardi and Gotsman 2015).
	ParallelSnapshot
	// Causal consistency: what a transaction saw includes what those that it saw had seen (Biswas and Enea 2019).
	Causal
	// ReadAtomic: of what a transaction saw it saw all (the same; fractured reads are excluded).
	ReadAtomic
	// ReadCommitted: no transaction rests on what rests on it (Adya's PL-2, of which the rest needs no order).
	ReadCommitted
)

// Problem is a history of transactions, numbered from 0, in which only those count that happened.
type Problem struct {
	Txns int32
	// Sessions are transactions that came one after the other, each once.
	Sessions [][]int32
	Before   []Pair // others of which the first was over before the second began; Reads add their own
	Saw      []Pair // the second found something of the first that is in no Read
	Keys     []Key
	// Begin and End are guesses of when each transaction ran, by which the search is guided (guess.go). They decide nothing.
	Begin, End []int32
}

// Pair is two transactions.
type Pair struct{ First, Second int32 }

// Key is what happened to one key.
type Key struct {
	Writers []int32 // each once
	Known   int     // the first Known of Writers wrote in this order, and before all others
	Reads   []Read
}

// Read is a transaction that read the key before it wrote it, if it did.
type Read struct {
	Txn  int32
	From int32 // whose write it found; Initial: nobody's
}

// Initial is where a read comes from that found what was there before all writes.
const Initial = -1

// Limits bound a decision. They are counted, not timed, so that the same history always gets the same answer.
type Limits struct {
	Steps int64 // words of memory looked at, about
	Bytes int64 // of the closure
	// Ended, if it is closed, ends what is still under way as if the limits were met; nil: nothing does.
	Ended <-chan struct{}
}

// Met reports whether that many steps are too many, or nobody waits for the answer any more.
func (l *Limits) Met(steps int64) bool {
	select {
	case <-l.Ended:
		return true
	default:
		return steps > l.Steps
	}
}

// DefaultLimits are about half a minute of one processor, and a gigabyte.
func DefaultLimits() Limits { return Limits{Steps: 20_000_000_000, Bytes: 1 << 30} }

// Status is whether there is an order.
type Status uint8

// What is known of an order.
const (
	Open    Status = iota // the limits did not suffice
	Holds                 // there is one
	Refuted               // there is none
)

// Answer is what was decided.
type Answer struct {
	Status Status
	// Order is, if it holds, the transactions' events as they may have happened: Event tells which.
	Order []int32
	rule  Rule
	// Cycle is, if it was refuted without a choice, transactions of which each must come before the next, and the last before the
	// first.
	Cycle  []Step
	Lemmas []Lemma // each rests on later ones only
	// Choices are, if it was refuted by trying, the pairs of writers both of whose orders were tried.
	Choices []Pair
	Steps   int64 // spent
}

// Why says why one transaction comes before another.
type Why uint8

// Reasons of a Step.
const (
	Given     Why = iota // the problem says so
	Session              // one after the other in a session
	Saw                  // the second read what the first wrote
	Overwrote            // the first read what the second overwrote
	Wrote                // the first's write came before the second's
	Outdated             // Reader saw the first, and read what the second wrote
)

// Step is a transaction, and why it comes before the next one.
type Step struct {
	Txn int32
	Why Why
	Key int32 // of Saw, Overwrote, Wrote and Outdated
	// Writers are, of Overwrote and Wrote, two whose order the step follows from. Lemma is the place among the lemmas of
	// what shows that order, from 1; 0: it needs none, as the second read what the first wrote, or nothing.
	Writers Pair
	Lemma   int
	Reader  int32 // of Outdated
}

// Lemma shows that of two writers of a key the first came first: else there would be a cycle. Path leads from the first to the second, or to
// Reader, who read what the second wrote: were the second before the first, Reader would be as well.
type Lemma struct {
	Key    int32
	Pair   Pair
	Reader int32 // -1: nobody
	Path   []Step
}

// Event is which transaction an event of an Order belongs to, and whether it is its commit; of rules under which transactions
// happen at one moment, all are.
func (a *Answer) Event(e int32) (txn int32, commit bool) {
	if a.rule.split() {
		return e / 2, e%2 == 1
	}
	return e, true
}

// split reports whether a transaction's beginning and its commit are two events.
func (r Rule) split() bool { return r == Snapshot || r == Prefix }
