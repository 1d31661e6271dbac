package history

// The keys of a line, in the order of lineShape. An operation needs those before keyUndoes; the others, from
// keyFault on, stand alone.
const (
	keyID = iota
	keyOp
	keyProcess
	keySeq
	keyOutcome
	keyInvoke
	keyBegin
	keyEnd
	keyTries
	keyDo
	keyUndoes
	keyDeclined
	keyError
	keyFault
	keyJournal
	keyCharge
	keyFinal
)

var lineShape = shape{
	what: "line",
	keys: []string{
		"id", "op", "process", "seq", "outcome", "invoke", "begin", "end", "tries", "do", "undoes", "declined", "error", "fault",
		"journal", "charge", "final",
	},
}

// The keys of an access, in the order of accessShape.
const (
	accessCell = iota
	accessKind
	accessDelta
	accessValue
	accessVersion
	accessValues
)

var accessShape = shape{"do", []string{"cell", "kind", "delta", "value", "version", "values"}, 2}

// The keys of a journal entry, in the order of entryShape.
const (
	entryID = iota
	entryCell
	entryDelta
	entryVersion
)

var entryShape = shape{"journal", []string{"id", "cell", "delta", "version"}, 3}

// The keys of a fault, in the order of faultShape.
const (
	faultWhat = iota
	faultFrom
	faultTo
)

var faultShape = shape{"fault", []string{"what", "from", "to"}, 3}

// The keys of an entry of the service's ledger, in the order of chargeShape.
const (
	chargeID = iota
	chargeAmount
)

var chargeShape = shape{"charge", []string{"id", "amount"}, 2}

// The keys of the final state, in the order of finalShape.
const (
	finalOperations = iota
	finalEntries
	finalValues
	finalVersions
	finalFaults
	finalCharges
)

var finalShape = shape{"final", []string{"operations", "entries", "values", "versions", "faults", "charges"}, 3}

// shape is an object's keys, in the order in which they are written. The first so many are needed.
type shape struct {
	what string
	keys []string
	need int
}

// find is the number of a key, or -1. It is most likely next.
func (sh *shape) find(key []byte, next int) int {
	for range sh.keys {
		if next == len(sh.keys) {
			next = 0
		}
		if string(key) == sh.keys[next] {
			return next
		}
		next++
	}
	return -1
}
