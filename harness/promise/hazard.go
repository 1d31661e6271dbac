package promise

import "strings"

// Hazard is a way in which concurrent operations go wrong. A strategy needs some prevented; an isolation level prevents
// some. The names are Adya's and Elle's, as far as the field has names.
type Hazard uint8

const (
	// Split: the read and the write that depends on it are different transactions.
	Split Hazard = iota
	// Partial: the operation's effects are several transactions.
	Partial
	// G0: dirty write, overwriting what is not committed.
	G0
	// Dirty: reading what is not committed (G1a, G1b, G1c).
	Dirty
	// StmtSkew: a guard's subquery reads other rows without locking them.
	StmtSkew
	// OTV: observed transaction vanishes.
	OTV
	// PMP: predicate-many-preceders, between the statements of a read-only transaction.
	PMP
	// GSingle: read skew between the statements of a read-only transaction.
	GSingle
	// PMPWrite: PMP where the transaction also writes.
	PMPWrite
	// P4: lost update.
	P4
	// GSingleWrite: read skew where the transaction also writes.
	GSingleWrite
	// G2Item: write skew on rows that were read.
	G2Item
	// G2: write skew on a predicate: rows that appear.
	G2
	// Unlocked: a lock that was meant to keep others out does not.
	Unlocked
	// StaleRead: a read is answered with what the store held before.
	StaleRead
	// LostAck: what was acknowledged is not there afterwards.
	LostAck
	// Duplicate: an operation takes effect twice.
	Duplicate
	// Stuck: nobody gets on any more.
	Stuck
	// DualWrite: two systems are written one after the other, and a failure in between leaves one without the other.
	DualWrite
	// LongFork: two transactions see two writes in opposite orders, on two servers.
	LongFork
)

// A hazardText is a hazard's name, what it is called in words, what goes wrong in a sentence, and what mends it.
type hazardText struct{ name, noun, plain, advice string }

var hazardTexts = [...]hazardText{
	Split: {
		"split", "check and write apart", "the check and the write are separate transactions, so another client fits in between",
		"put the check into the write itself (UPDATE … WHERE available >= n), or lock the row in one transaction (SELECT … FOR UPDATE)",
	},
	Partial: {
		"partial", "effects apart", "the operation's effects are separate transactions, so others see, and a crash leaves, half of them",
		"put all effects into one transaction",
	},
	G0: {
		"G0", "dirty write", "two transactions overwrite each other, one first here, the other first there (dirty write)",
		"write inside a transaction of a database that locks what it writes, as all SQL engines here do",
	},
	Dirty: {
		"dirty", "dirty read", "a read returns what another transaction has not committed, and may take back (G1)",
		"use read committed or higher, or read with a lock",
	},
	StmtSkew: {
		"stmt-skew", "stale subquery", "the UPDATE's subquery reads other rows without locking them, so they change meanwhile",
		"lock all rows that the guard reads (SELECT … FOR UPDATE), or keep the sum in one row",
	},
	OTV: {"OTV", "vanishing write", "a transaction's writes are seen, then vanish", "use read committed or higher"},
	PMP: {
		"PMP", "phantom read", "two statements of one transaction see different sets of rows",
		"read everything with one statement, or use repeatable read",
	},
	GSingle: {
		"G-single", "read skew", "two statements of one transaction see different moments (read skew)",
		"read everything with one statement, or use repeatable read",
	},
	PMPWrite: {"PMP-write", "phantom read before a write", "a write acts on other rows than the transaction read", "lock the rows, or use serializable"},
	P4: {
		"P4", "lost update", "two clients read the same value and both write it: one update is lost",
		"make the write conditional (UPDATE … WHERE available >= n), lock first (SELECT … FOR UPDATE), or compare a version",
	},
	GSingleWrite: {"G-single-write", "read skew before a write", "a transaction reads one moment and writes upon another", "lock first, or use serializable"},
	G2Item: {
		"G2-item", "write skew", "two clients each read what the other writes, and neither sees the other (write skew)",
		"lock every row that the decision reads (SELECT … FOR UPDATE), or use serializable; on a cluster, compare and raise their versions",
	},
	G2: {
		"G2", "phantom", "a client counts rows while another inserts one that should have been counted (phantom)",
		"give each unit its own unique row, keep a counter and lock it, or use serializable",
	},
	Unlocked: {
		"unlocked", "two lock holders", "two clients hold the same lock at the same time",
		"check a fencing token in every write (AND fence <= ?), or let the write itself check",
	},
	StaleRead: {
		"stale-read", "stale read", "a client decides on a value that is no longer the store's",
		"check again in the write itself (WHERE version = ? or WHERE available >= n), or read where it writes, under a lock",
	},
	LostAck: {
		"lost-ack", "lost acknowledgement", "a client is told that it is done, and it is not there afterwards",
		"acknowledge only what a crash cannot take away: synchronous commits, and no error taken for success",
	},
	Duplicate: {
		"duplicate", "double effect", "a client that does not know sends the same request again, and it takes effect twice",
		"store a unique request id together with the effect, and send the same id again (idempotency key)",
	},
	Stuck: {
		"stuck", "stuck lock", "a lock is never given back, and nobody gets on", "let locks expire, or end with their holder's session",
	},
	DualWrite: {
		"dual-write", "half-done dual write", "the store and the service are written one after the other, and a failure in between leaves one without the other",
		"commit an outbox row with the sale and send it with an idempotency key until it is answered, or compensate (saga)",
	},
	LongFork: {
		"long-fork", "long fork", "two transactions on two servers see two writes in opposite orders",
		"read on the server that writes; to wait until the replica has caught up does not help",
	},
}

func (h Hazard) String() string { return hazardTexts[h].name }

// ParseHazard is the hazard of that name.
func ParseHazard(name string) (Hazard, bool) {
	for i := range hazardTexts {
		if hazardTexts[i].name == name {
			return Hazard(i), true
		}
	}
	return 0, false
}

// Named is what the hazard is called in words, with its name behind where the words do not hold it: lost update (P4).
func (h Hazard) Named() string { return h.named(hazardTexts[h].noun) }

// Several is Named in the plural: lost updates (P4).
func (h Hazard) Several() string {
	noun := hazardTexts[h].noun
	switch first, rest, ok := strings.Cut(noun, " before "); {
	case strings.HasSuffix(first, "skew"), strings.HasSuffix(first, "s"), strings.HasSuffix(first, "apart"):
	case strings.HasSuffix(first, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	case ok:
		noun = first + "s before " + rest
	default:
		noun += "s"
	}
	return h.named(noun)
}

func (h Hazard) named(words string) string {
	if name := h.String(); !strings.Contains(strings.ReplaceAll(words, " ", "-"), name) {
		words += " (" + name + ")"
	}
	return words
}

// possible says in a few words that the hazard can strike: lost update possible (P4).
func (h Hazard) possible() string { return h.named(hazardTexts[h].noun + " possible") }

// Meaning says in a sentence what goes wrong.
func (h Hazard) Meaning() string { return hazardTexts[h].plain }

// Advice says in a sentence how to mend it.
func (h Hazard) Advice() string { return hazardTexts[h].advice }

// Hazards is a set of hazards.
type Hazards uint32

// HazardSet is the set of hs.
func HazardSet(hs ...Hazard) Hazards {
	var s Hazards
	for _, h := range hs {
		s |= 1 << h
	}
	return s
}

// Has reports whether h is in the set.
func (s Hazards) Has(h Hazard) bool { return s&(1<<h) != 0 }

// List holds the set's hazards in the order of their numbers.
func (s Hazards) List() []Hazard {
	var hs []Hazard
	for h := range Hazard(len(hazardTexts)) {
		if s.Has(h) {
			hs = append(hs, h)
		}
	}
	return hs
}

// Main is the hazard whose prevention helps most: what no level prevents, else what remains once dirty reads are gone. The set is
// not empty.
func (s Hazards) Main() Hazard {
	if rest := s &^ HazardSet(Dirty); rest != 0 {
		return rest.List()[0]
	}
	return s.List()[0]
}

// Several names the set's hazards in words: dirty reads, lost updates (P4).
func (s Hazards) Several() string {
	var names []string
	for _, h := range s.List() {
		names = append(names, h.Several())
	}
	return strings.Join(names, ", ")
}

func (s Hazards) String() string {
	var names []string
	for _, h := range s.List() {
		names = append(names, h.String())
	}
	return strings.Join(names, ", ")
}
