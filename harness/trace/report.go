package trace

import "github.com/lastseat/lastseat/harness"

// Report is what operations do, and which of them could race.
type Report struct {
	File      string `json:"file"`
	Recording bool   `json:"recording"` // of a program in use; otherwise each operation ran alone
	App       string `json:"app,omitempty"`
	Server    string `json:"server"`
	Engine    string `json:"engine"`
	Throwaway bool   `json:"throwaway,omitempty"`
	// Level is what sessions have unless they ask for another.
	Level      harness.Level `json:"isolation"`
	Asked      bool          `json:"isolation_asked,omitempty"` // the level was asked for, and is not what the program has anyway
	Rights     string        `json:"rights,omitempty"`          // as program.Report's
	Statements int           `json:"statements"`                // that were seen
	Operations []Operation   `json:"operations"`
	Pairs      []Pair        `json:"pairs"`
	Notes      []string      `json:"notes,omitempty"` // what else there is to know, a sentence each
}

// Operation is what a client does, as it was seen.
type Operation struct {
	Name         string        `json:"name"`
	Seen         int           `json:"seen"` // how often
	Answer       string        `json:"answer,omitempty"`
	Refused      bool          `json:"refused,omitempty"` // what it does when it is not was not seen
	Sent         int           `json:"sent"`              // statements, those that touch nothing too
	Transactions []Transaction `json:"transactions"`
}

// Transaction is one, or a statement that committed by itself.
type Transaction struct {
	Autocommitted bool          `json:"autocommitted,omitempty"`
	RolledBack    bool          `json:"rolled_back,omitempty"`
	Level         harness.Level `json:"isolation"`
	Statements    []Statement   `json:"statements"`
	// Ends is when it was over, in the numbers of statements: it may end after statements of others began.
	Ends int `json:"ends"`
}

// Statement is one that touches tables or locks.
type Statement struct {
	Number int      `json:"number"` // of the operation's statements, from 1, BEGIN and COMMIT included
	SQL    string   `json:"sql"`    // without values and comments
	Reads  []string `json:"reads"`
	Writes []string `json:"writes"`
	// Reaches are tables that a write may reach by a foreign key or a trigger.
	Reaches []string `json:"reaches,omitempty"`
	Locks   []Lock   `json:"locks"`
	Adds    bool     `json:"adds,omitempty"`  // all that it writes is rows that there were not
	Keyed   bool     `json:"keyed,omitempty"` // it names its row by a unique key
	Row     string   `json:"-"`               // by which values, where the text has them
	// Checks are columns that a write by a key both compares and sets: it changes nothing where they are not as it says.
	Checks []string `json:"checks,omitempty"`
	Inside bool     `json:"inside,omitempty"` // it reads, and then writes: others can come in between
	Unseen string   `json:"unseen,omitempty"` // why what it does cannot be seen; it may do anything then
	Error  string   `json:"error,omitempty"`  // the server's code
}

// Lock is one that a statement takes, or gives back.
type Lock struct {
	Kind LockKind `json:"kind"`
	On   string   `json:"on"` // a table, of whose rows; or the function that was called
	// Session: it is the session's, and outlasts the transaction.
	Session bool `json:"session,omitempty"`
	Try     bool `json:"try,omitempty"` // it does not wait
	Shared  bool `json:"shared,omitempty"`
}

// LockKind is what a lock is.
type LockKind string

// The kinds.
const (
	ForUpdate LockKind = "FOR UPDATE"
	ForShare  LockKind = "FOR SHARE"
	// ForKeyShare keeps a row from being deleted, and not from being changed.
	ForKeyShare LockKind = "FOR KEY SHARE"
	Write       LockKind = "write"
	Advisory    LockKind = "advisory"
	Table       LockKind = "LOCK TABLE"
	Release     LockKind = "release"
)

// Level is what an isolation level of a server does for transactions that are the only one of their operation.
type Level struct {
	Name harness.Level
	// Dirty: reads see what is not committed.
	Dirty bool
	// Snapshot: all reads of a transaction see one moment.
	Snapshot bool
	// Latest: statements that lock see what is committed now, and the moment of a Snapshot is that of the first that does not.
	Latest bool
	// Gaps: a locking read keeps others from adding rows that it would have seen, and writes lock all that they read.
	Gaps bool
	// Shares: in a transaction, reads that ask for no lock share the rows that they see with other readers.
	Shares bool
	// FirstWins: of two transactions that change the same row at the same time, the second is refused.
	FirstWins bool
	// Serializable: what no serial order gives is refused.
	Serializable bool
}

// Pair is two operations at the same time.
type Pair struct {
	Operations [2]string `json:"operations"`
	Could      bool      `json:"could_race"`
	Reasons    []Reason  `json:"reasons"`          // why they could
	Unless     string    `json:"unless,omitempty"` // what keeps them from it, if it is the same for both, which cannot be seen
	Why        string    `json:"why,omitempty"`    // they do not seem to
	// Deadlock is how they can wait for each other, so that the server ends one; empty: no way was seen.
	Deadlock string `json:"deadlock,omitempty"`
	Command  string `json:"command,omitempty"` // decides it
}

// Reason is why two operations could race.
type Reason struct {
	Kind   Kind     `json:"kind"`
	Who    string   `json:"operation"` // that would be wronged
	Tables []string `json:"tables"`
	Text   string   `json:"text"`
}

// Kind is what could go wrong.
type Kind string

// The kinds.
const (
	LostUpdate Kind = "lost update"
	Phantom    Kind = "phantom"
	WriteSkew  Kind = "write skew"
	ReadSkew   Kind = "read skew"
	Split      Kind = "split"
	Inside     Kind = "inside"
	Stale      Kind = "stale"
	Unseen     Kind = "unseen"
)
