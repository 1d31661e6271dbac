package wire

// Answer is what a server answers to one statement, or to a request without one. A Query of several statements has several.
type Answer struct {
	To       int64 // the Request's ID; 0: nobody asked, or the request was not seen
	Last     bool  // nothing more comes to this request
	Skipped  bool  // the server did not look at the request, because one before it in the pipeline failed
	Columns  []Column
	Rows     [][]Value // the first of them, as Options say
	Count    int64     // all rows that were sent
	Tag      string    // PostgreSQL: what was done ("UPDATE 2")
	Affected int64     // rows that were written; PostgreSQL: that the tag counts
	Error    *Error    // nil: it went well
	Notices  []string  // what the server remarked on the way, at most 16
	Bytes    int64     // of data: of COPY … TO STDOUT
	State    State     // of the transaction, after it
	// Autocommit: a statement outside a transaction commits by itself. PostgreSQL: always.
	Autocommit bool
	// Ready: the server waits for the next request. PostgreSQL: State is the server's own word only here.
	Ready bool
	// Commit: it acknowledges that something has been committed, a statement outside a transaction included.
	Commit bool
}

// Column is a column of rows.
type Column struct {
	Name     string
	Type     uint32 // PostgreSQL: the type's OID; MySQL: its number
	Binary   bool   // values come in binary form
	unsigned bool
}

// Error is what a server says went wrong.
type Error struct {
	Code    string // SQLSTATE
	Number  int    // MySQL's own; 0: none
	Message string
}

// State is that of a session's transaction.
type State uint8

// The states.
const (
	Idle   State = iota // outside a transaction
	Inside              // a transaction is under way
	Failed              // PostgreSQL: a transaction is under way, and can only be rolled back
)

func (s State) String() string {
	return [...]string{"idle", "in transaction", "failed"}[min(s, Failed)]
}

// rows keeps the first rows of an answer.
type rows struct {
	bytes int
	full  bool
}

// room is how many bytes of the next row can be kept; the row is kept only if that is all of it.
func (r *rows) room(a *Answer, opt *Options) int {
	if r.full || len(a.Rows) >= opt.Rows {
		return 0
	}
	return opt.Bytes - r.bytes
}

// add counts a row, and keeps it where there is room and it can be read.
func (r *rows) add(a *Answer, opt *Options, body []byte, cut bool, read func([]byte) ([]Value, bool)) {
	a.Count++
	if r.full || len(a.Rows) >= opt.Rows {
		return
	}
	values, ok := []Value(nil), false
	if !cut {
		values, ok = read(body)
	}
	if !ok {
		r.full = true
		return
	}
	r.bytes += len(body) + 64*len(values) // of Go's own
	r.full = r.bytes >= opt.Bytes
	a.Rows = append(a.Rows, values)
}

const (
	maxNotices  = 16
	noticeBytes = 4 << 10
)
