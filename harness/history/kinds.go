package history

import "strings"

// verbs are a kind's micro-operations.
type verbs struct{ write, read string }

func verbsOf(k Kind) verbs {
	switch k {
	case Lists:
		return verbs{"append", "r"}
	case Sets:
		return verbs{"insert", "rp"}
	}
	return verbs{"w", "r"}
}

// may are the kinds of keys that a history may have.
type may [kinds]bool

// mayHold are the kinds of keys that a workload has; not named: the workload is what the beginning of the file looked like, and keys of the
// other kind may come.
func mayHold(workload string, named bool) (may, bool) {
	both := may{Lists: true, Registers: true}
	switch {
	case workload == "predicate":
		return may{Sets: true}, true
	case workload == "mixed" || !named && (workload == "append" || workload == "register"):
		return both, true
	case workload == "append":
		return may{Lists: true}, true
	case workload == "register":
		return may{Registers: true}, true
	}
	return may{}, false
}

// undecided is the kind of a key of which a step does not show what it holds.
const undecided Kind = kinds

// step is a micro-operation of the name.
func (m *may) step(verb []byte) (op TxnOp, known bool) {
	switch string(verb) {
	case "append":
		return TxnOp{Write: true, Kind: Lists}, m[Lists]
	case "w":
		return TxnOp{Write: true, Kind: Registers}, m[Registers]
	case "insert":
		return TxnOp{Write: true, Kind: Sets}, m[Sets]
	case "rp":
		return TxnOp{Kind: Sets}, m[Sets]
	case "r":
		switch {
		case !m[Lists]:
			return TxnOp{Kind: Registers}, m[Registers]
		case !m[Registers]:
			return TxnOp{Kind: Lists}, true
		}
		return TxnOp{Kind: undecided}, true
	}
	return TxnOp{}, false
}

// verbs are the names of the micro-operations that there may be.
func (m *may) verbs() (all []string) {
	for kind, is := range m {
		if is {
			all = append(all, verbsOf(Kind(kind)).write)
		}
	}
	if m[Sets] {
		return append(all, "rp")
	}
	return append(all, "r")
}

// inWords is a list in words: append, w or r.
func inWords(words []string, last string) string {
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// settle gives each step the kind of its key, where others show it. It returns the first transaction that takes a key for another kind than
// one before it did, or -1.
func (r *txnReader) settle() (txn, key int32) {
	t := &r.out
	if !r.may[Lists] || !r.may[Registers] {
		return -1, 0
	}
	of := map[int32]Kind{} // by key, where there are both
	rest, both := t.among()
	for i := int32(0); both && i < int32(t.Len()); i++ {
		for _, op := range t.Steps(i) {
			if op.Kind == undecided {
				continue
			}
			if kind, met := of[op.Key]; met && kind != op.Kind {
				return i, op.Key
			}
			of[op.Key] = op.Kind
		}
	}
	for i := range t.Ops {
		op := &t.Ops[i]
		if op.Kind != undecided {
			continue
		}
		if kind, met := of[op.Key]; met {
			op.Kind = kind
		} else {
			op.Kind = rest
		}
	}
	return -1, 0
}

// among reports whether there are both lists and registers, and which of them a key is of which nothing is known.
func (t *Transactions) among() (rest Kind, both bool) {
	switch lists, registers := t.Holds(Lists), t.Holds(Registers); {
	case lists && registers:
		return Registers, true
	case lists:
		return Lists, false
	}
	return Registers, false
}
