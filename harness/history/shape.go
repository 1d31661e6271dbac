package history

import "strconv"

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
	keyClock
	keyFault
	keyJournal
	keyCharge
	keyWorker
	keyFinal
)

var lineShape = newShape("line", 0,
	"id", "op", "process", "seq", "outcome", "invoke", "begin", "end", "tries", "do", "undoes", "declined", "error", "clock",
	"fault", "journal", "charge", "worker", "final",
)

// The keys of an access, in the order of accessShape.
const (
	accessCell = iota
	accessKind
	accessDelta
	accessValue
	accessVersion
	accessValues
)

var accessShape = newShape("do", 2, "cell", "kind", "delta", "value", "version", "values")

// The keys of a journal entry, in the order of entryShape.
const (
	entryID = iota
	entryCell
	entryDelta
	entryVersion
)

var entryShape = newShape("journal", 3, "id", "cell", "delta", "version")

// The keys of a fault, in the order of faultShape.
const (
	faultWhat = iota
	faultFrom
	faultTo
)

var faultShape = newShape("fault", 3, "what", "from", "to")

// The keys of an entry of the service's ledger, in the order of chargeShape.
const (
	chargeID = iota
	chargeAmount
)

var chargeShape = newShape("charge", 2, "id", "amount")

// The keys of a worker's clock, in the order of workerShape.
const (
	workerName = iota
	workerSlack
	workerMissing
)

var workerShape = newShape("worker", 1, "name", "slack", "missing")

// The keys of the final state, in the order of finalShape.
const (
	finalOperations = iota
	finalEntries
	finalValues
	finalVersions
	finalFaults
	finalCharges
	finalWorkers
)

var finalShape = newShape("final", 3, "operations", "entries", "values", "versions", "faults", "charges", "workers")

// shape is an object's keys, in the order in which they are written. The first so many are needed.
type shape struct {
	what   string
	keys   []string
	need   int
	quoted [][]byte // the keys as they are written, each with its colon
}

func newShape(what string, need int, keys ...string) shape {
	sh := shape{what: what, keys: keys, need: need}
	for _, key := range keys {
		sh.quoted = append(sh.quoted, []byte(strconv.Quote(key)+":"))
	}
	return sh
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
