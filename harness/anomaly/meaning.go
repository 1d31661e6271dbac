package anomaly

import "strings"

// Meaning says in a sentence, to somebody who never read Adya, what an anomaly is.
func Meaning(name string) string {
	base, order := name, ""
	if b, ok := strings.CutSuffix(name, "-realtime"); ok {
		base, order = b, ", though one of them had been answered before the other began"
	} else if b, ok := strings.CutSuffix(name, "-process"); ok {
		base, order = b, ", though one process did them one after the other"
	}
	text := meaningOf(base)
	if text == "" && strings.HasSuffix(base, "-cycle-exists") {
		return "transactions come before themselves in a way that this model forbids" + order
	}
	return text + order
}

func meaningOf(base string) string {
	switch base {
	case "G0":
		return "two transactions overwrote each other, one first here, the other first there (dirty write)"
	case G1a:
		return "a transaction read what another one took back (aborted read)"
	case G1b:
		return "a transaction read what another one had not finished writing (intermediate read)"
	case "G1c":
		return "two transactions each rest on what the other one did (circular information flow)"
	case "G-single", "G-single-item":
		return "a transaction saw some of what another one did and missed the rest (read skew)"
	case "G-nonadjacent", "G-nonadjacent-item":
		return "two transactions saw the same changes in contradictory orders (long fork)"
	case "G2", "G2-item":
		return "two transactions each read what the other one changes, and neither saw the other (write skew)"
	case Internal:
		return "a transaction's read contradicts its own earlier reads and writes"
	case FutureRead:
		return "a transaction read what it was only going to write"
	case DirtyUpdate:
		return "a transaction built upon what another one took back"
	case DuplicateElements:
		return "what was written once is there twice"
	case CyclicVersions:
		return "a transaction wrote one key several times, and the writes were read in another order, or the first ones not at all"
	case IncompatibleOrder:
		return "the same writes were read in two orders"
	case LostUpdate:
		return "two transactions read the same version and both wrote upon it: one update is lost"
	case LongFork:
		return "two reads saw two writes in contradictory orders"
	case PredicateReadMiss:
		return "a read by a predicate missed a row that matches it in every version"
	case CausalReverse:
		return "a read saw a write without another one that was there before it began"
	case GarbageRead:
		return "a read returned what nobody ever wrote"
	case NonLinearizable:
		return "no order of the operations, each between its call and its answer, explains the answers"
	case EmptyGraph:
		return "no two transactions have anything to do with each other, so nothing could have shown"
	}
	return ""
}
