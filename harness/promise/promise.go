package promise

import "github.com/lastseat/lastseat/harness"

// Cover says how a strategy protects the reads that its decision rests on.
type Cover uint8

const (
	// Plain: an ordinary read, nothing protects it.
	Plain Cover = iota
	// Locked: the read locks what it reads, or a lock taken before the snapshot protects it.
	Locked
	// LockedLate: a lock taken inside the transaction. It protects only where each statement has a snapshot of its own.
	LockedLate
	// Compared: the write compares the version that was read, for every row read; operations on several rows need dirty reads
	// prevented all the same.
	Compared
	// Conditional: the write's own WHERE decides. A guard on other cells reads them in a subquery, unlocked.
	Conditional
	// Constrained: a unique index or a constraint decides.
	Constrained
)

var coverTexts = [...]string{
	Plain:       "reads without protection",
	Locked:      "locks before it reads",
	LockedLate:  "locks, then reads afresh",
	Compared:    "compares versions",
	Conditional: "the write itself checks",
	Constrained: "an index or constraint decides",
}

func (c Cover) String() string { return coverTexts[c] }

// Plan is what a strategy does, as far as its promise depends on it.
type Plan struct {
	Cover       Cover
	Split       bool // read and write are different transactions
	Partial     bool // each effect is a transaction of its own
	Rows        bool // the rows are the cell: reading it is a predicate read
	CoversReads bool // read-only operations are protected like the others
	Named       bool // of Locked: what it locks is a name, not the rows that it reads
}

// Isolation is what an engine at a level does, as far as promises depend on it.
type Isolation struct {
	Level    harness.Level
	Prevents Hazards
	// TxSnapshot: the transaction's first statement fixes what all of its reads see.
	TxSnapshot bool
	// Watches: the server watches what transactions read, and refuses one by what others wrote (serializable snapshot isolation):
	// who is refused depends on the order of everything.
	Watches bool
	// Structures: of what Watches: it refuses only who is in a dangerous structure of two edges (Cahill), by what is read of tables.
	Structures bool
	// Aborts: an error ends its transaction at once, with all its locks.
	Aborts bool
	// Nodes: it is several servers, each of which knows only its own locks, and shows what another has committed a while later. What
	// transactions write they compare, and refuse one of two that write the same row; what they read they do not.
	Nodes bool
	// Model is the isolation model that transactions may rely on, by Elle's name: snapshot-isolation.
	Model string
}

// Needs is what must be prevented for the plan to keep its operations correct, ops being one of each shape.
func (p Plan) Needs(ops []harness.Op, iso Isolation) Hazards {
	var needs Hazards
	for i := range ops {
		needs |= p.needs(&ops[i], iso)
	}
	return needs
}

func (p Plan) needs(op *harness.Op, iso Isolation) Hazards {
	if op.ReadOnly() {
		switch {
		case p.CoversReads:
			return 0
		case len(op.Steps) > 1:
			return HazardSet(Dirty, PMP, GSingle)
		}
		return HazardSet(Dirty)
	}
	var needs Hazards
	if p.Split {
		needs |= HazardSet(Split)
	}
	if p.Partial {
		needs |= HazardSet(Partial)
	}
	switch p.Cover {
	case Plain:
		needs |= p.plain(op)
	case LockedLate:
		if iso.TxSnapshot || iso.Nodes {
			needs |= p.plain(op)
		}
	case Compared:
		// A dirty version does harm once it is taken back and given out again. An operation on a single row takes nothing
		// back, unless it calls outside after the write: its only write is its last step that can fail.
		if len(op.Touches(nil)) > 1 || op.Calls() {
			needs |= HazardSet(Dirty)
		}
	case Conditional:
		if op.ReadsOthers() {
			needs |= HazardSet(StmtSkew)
		}
	case Locked:
		if iso.Nodes {
			needs |= p.local(op)
		}
	case Constrained:
	}
	return needs
}

// plain is what an unprotected read before a write needs.
func (p Plan) plain(op *harness.Op) Hazards {
	if p.Rows {
		return HazardSet(Dirty, G2)
	}
	needs := HazardSet(Dirty, P4)
	if op.ReadsOthers() {
		needs |= HazardSet(G2Item)
	}
	return needs
}

// local is what a locked read needs where others do not know of the lock: rows that are written are compared all the same.
func (p Plan) local(op *harness.Op) Hazards {
	switch {
	case p.Named:
		return p.plain(op)
	case p.Rows:
		return HazardSet(G2)
	case op.ReadsOthers():
		return HazardSet(G2Item)
	}
	return 0
}

// Promise is what a row is expected to do, and why.
type Promise struct {
	Safe    bool
	Missing Hazards // needed and not prevented; empty if safe
	Short   string  // the reason in a few words: "lost update possible (P4)"
	Reason  string  // the reason as a sentence: "MySQL repeatable-read lets lost updates (P4) through: two clients …"
	By      string  // the component that causes what goes wrong, or that makes it safe; empty: none
	Model   string  // what is promised where an isolation model is: snapshot-isolation
	// Floor is the weaker model that holds all the same where Model is expected not to: consistent-view. Empty: none is known.
	Floor string
}

// forked is what is left of a model that forbids long forks where there are some: Adya's PL-2+, which is parallel snapshot isolation
// without the order of a client's own transactions. Empty: the model allows them.
func forked(model string) string {
	if model == "snapshot-isolation" || model == "serializable" {
		return "consistent-view"
	}
	return ""
}

// OfLevel is the promise of a level that no strategy helps: its model, and no more, unless a component around it lets long forks in.
// product names the engine in the reason.
func OfLevel(product string, iso Isolation, effects ...Effect) Promise {
	for _, in := range effects {
		if floor := forked(iso.Model); floor != "" && in.Causes.Has(LongFork) {
			only := HazardSet(LongFork)
			return Promise{Missing: only, By: in.Name, Short: only.Main().possible(), Reason: in.Why, Model: iso.Model, Floor: floor}
		}
	}
	p := Promise{Safe: true, Model: iso.Model, Short: iso.Model}
	where := product + " " + string(iso.Level)
	lets := HazardSet(P4, GSingleWrite) &^ iso.Prevents
	if p.Reason = where + " promises " + iso.Model; iso.TxSnapshot && lets != 0 {
		p.Reason = where + " lets " + lets.Several() + " through, and so promises no more than " + iso.Model
	}
	return p
}

// short is what a component causes, and nothing else does, if there is such.
func short(caused Hazards) string {
	if own := caused & CausedByEnv; own != 0 {
		caused = own
	}
	return caused.Main().possible()
}

// Of is the promise of a plan for ops under iso, with components around: safe if everything it needs is prevented, and
// nothing it minds is caused. product names the engine in the reason.
func Of(p Plan, ops []harness.Op, product string, iso Isolation, effects ...Effect) Promise {
	needs := p.Needs(ops, iso)
	missing := p.lets(needs, ops, iso, effects)
	where := product
	if iso.Level != harness.NoLevel {
		where += " " + string(iso.Level)
	}
	if in := p.cause(missing, needs, iso, effects); in != nil {
		return Promise{Missing: missing, By: in.Name, Short: short(in.Causes & missing), Reason: in.Why}
	}
	if missing == 0 {
		if in := protector(p.exposes(needs, ops, iso, effects), effects); in != nil {
			return Promise{Safe: true, By: in.Name, Short: "others are kept out", Reason: in.Why}
		}
		if needs == 0 {
			return Promise{Safe: true, Short: p.Cover.String(), Reason: p.Cover.String()}
		}
		short := "level prevents " + needs.Main().Several()
		if p.Cover == Compared {
			short = p.Cover.String()
		}
		return Promise{Safe: true, Short: short, Reason: where + " prevents " + needs.Several()}
	}
	main := missing.Main()
	if own := missing & HazardSet(Split, Partial); own != 0 {
		return Promise{Missing: missing, Short: main.Named(), Reason: main.Meaning() + "; no isolation level prevents that"}
	}
	return Promise{
		Missing: missing,
		Short:   main.possible(),
		Reason:  where + " lets " + missing.Several() + " through: " + main.Meaning(),
	}
}
