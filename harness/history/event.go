package history

// EventType is what an Event of a Jepsen history is.
type EventType uint8

const (
	// Invoke: a client begins an operation.
	Invoke EventType = iota
	// OK: it took effect, and this is its answer.
	OK
	// Fail: it certainly did not take effect.
	Fail
	// Info: nobody knows; it may have, or may yet.
	Info
)

// Event is one line of a Jepsen history: an operation begins or ends.
type Event struct {
	Type    EventType
	Process int64  // NoProcess where the file names none
	F       string // what is done: read, write, transfer
	Value   any    // as Read of EDN gives it: nil, bool, int64, float64, string, Keyword, []any, Set, Map, Tagged
	Time    int64  // nanoseconds; 0 where the file has none
	Index   int64  // the file's own :index; its position where it has none
	Line    int    // where it stands in the file, from 1
}
