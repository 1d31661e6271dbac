package anomaly

import "slices"

// Anomalies are called by Elle's names. These are the ones that are not cycles.
const (
	G1a               = "G1a"
	G1b               = "G1b"
	Internal          = "internal"
	FutureRead        = "future-read"
	DirtyUpdate       = "dirty-update"
	DuplicateElements = "duplicate-elements"
	IncompatibleOrder = "incompatible-order"
	// CyclicVersions is an order of versions that contradicts the order in which one transaction wrote them. Elle does not look
	// for it in lists.
	CyclicVersions = "cyclic-versions"
	LostUpdate     = "lost-update"
	LongFork       = "long-fork"
	// CausalReverse is a read of a write without one that was there before it began (jepsen.tests.causal-reverse).
	CausalReverse = "causal-reverse"
	// GarbageRead is a read of what nobody ever tried to write. Elle gives up there.
	GarbageRead = "garbage-read"
	// NonLinearizable is what a check of single objects says: no order of the operations explains the answers.
	NonLinearizable = "nonlinearizable"
	// EmptyGraph: no two operations have anything to do with each other, so nothing could have shown.
	EmptyGraph = "empty-transaction-graph"
)

// implies holds, for each anomaly, those that it is a special case of (elle.consistency-model/implied-anomalies).
func implies(name string) []string {
	switch name {
	case "G0":
		return []string{"G1c", "G0-process"}
	case "G0-process":
		return []string{"G1c-process", "G0-realtime"}
	case "G0-realtime":
		return []string{"G1c-realtime"}
	case G1a, G1b:
		return []string{"G1"}
	case "G1c":
		return []string{"G1", "G1c-process"}
	case "G1c-process":
		return []string{"G1c-realtime", "G1-process"}
	case "G1c-realtime":
		return []string{"G1-realtime"}
	case "G1":
		return []string{"G1-process"}
	case "G1-process":
		return []string{"G1-realtime"}
	case "G-single-item":
		return []string{"G-single", "G-single-item-process", "G-nonadjacent-item"}
	case "G-single-item-process":
		return []string{"G-single-process", "G-single-item-realtime", "G-nonadjacent-item-process"}
	case "G-single-item-realtime":
		return []string{"G-single-realtime", "G-nonadjacent-item-realtime"}
	case "G-single":
		return []string{"G-nonadjacent", "G-single-process"}
	case "G-single-process":
		return []string{"G-nonadjacent-process", "G-single-realtime"}
	case "G-single-realtime":
		return []string{"G-nonadjacent-realtime"}
	case "G-nonadjacent-item":
		return []string{"G-nonadjacent", "G2-item", "G-nonadjacent-item-process"}
	case "G-nonadjacent-item-process":
		return []string{"G-nonadjacent-process", "G2-item-process", "G-nonadjacent-item-realtime"}
	case "G-nonadjacent-item-realtime":
		return []string{"G2-item-realtime", "G-nonadjacent-realtime"}
	case "G-nonadjacent":
		return []string{"G2", "G-nonadjacent-process"}
	case "G-nonadjacent-process":
		return []string{"G2-process", "G-nonadjacent-realtime"}
	case "G-nonadjacent-realtime":
		return []string{"G2-realtime"}
	case "G2":
		return []string{"G2-process"}
	case "G2-item":
		return []string{"G2", "G2-item-process"}
	case "G2-item-process":
		return []string{"G2-process", "G2-item-realtime"}
	case "G2-item-realtime":
		return []string{"G2-realtime"}
	case "G2-process":
		return []string{"G2-realtime"}
	case IncompatibleOrder, DirtyUpdate, GarbageRead:
		return []string{G1a}
	case FutureRead:
		return []string{"G1c"}
	case LostUpdate:
		return []string{"write-skew", "G2-item"}
	case "write-skew":
		return []string{"G2"}
	case LongFork:
		return []string{"G-nonadjacent-item"}
	case PredicateReadMiss:
		return []string{"G2"}
	case CausalReverse:
		return []string{"G-single-realtime"}
	}
	return nil
}

// implied is the set of all anomalies that the given ones are special cases of, themselves included.
func implied(names []string) map[string]bool { return reach(names, implies) }

// reach is everything that can be reached from the given names.
func reach(from []string, next func(string) []string) map[string]bool {
	seen := map[string]bool{}
	todo := slices.Clone(from)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[n] {
			seen[n] = true
			todo = append(todo, next(n)...)
		}
	}
	return seen
}
