package wire

// Event is one thing that happened on a connection: a request, an answer, or the end of all that can be read. One that is nothing of
// these says that the client's bytes up to there need not be held: they are requests that nobody listens to, or data of a COPY.
type Event struct {
	End     int64    // of the bytes that went on in its direction, how many did when this was whole
	Request *Request // nil unless the client asked
	Answer  *Answer  // nil unless the server answered
	Opaque  string   // why nothing more can be read; empty unless that is what happened
}

// Free reports whether an event only says that the client's bytes up to there need not be held.
func (e Event) Free() bool { return e.Request == nil && e.Answer == nil && e.Opaque == "" }

// Request is what a client asks of a server.
type Request struct {
	ID      int64 // counts the connection's requests, from 1
	Kind    Kind
	SQL     string // text of a Query; of Prepare, Bind, Describe, Execute and Close: that of the prepared statement
	Cut     bool   // the request is longer than what is kept, and so may lack SQL's end or Params
	Name    string // of a prepared statement (MySQL: its number), a portal, a schema, a variable: as Kind says
	Params  []Value
	Unread  string  // why Params are missing; empty: they are all there
	Control Control // what SQL does to transactions
	// Last: the server has all that it needs to answer. In a pipeline, what comes before it waits for it.
	Last bool
	// Attributes are what MySQL's clients send beside a statement, and what PostgreSQL's startup sets: by name.
	Attributes map[string]string
	Bytes      int64 // data that was sent: of CopyIn, LocalFile and LongData
}

// Kind is what a Request is for.
type Kind uint8

// The kinds.
const (
	Other      Kind = iota // Name: what the protocol calls it
	Login                  // Name: the user. Answered by Ready once the server lets the client in
	Encryption             // asks whether the server encrypts
	Cancel                 // another connection's statement is to end; Name: that connection's ID
	Query                  // statements, to be done at once
	Prepare                // Name: the statement's, where the client chose one
	Bind                   // PostgreSQL: Params for a prepared statement. Name: the portal
	Describe
	Execute    // a prepared statement, with Params
	Fetch      // more rows of what was executed
	Close      // forgets a prepared statement or a portal
	Reset      // the session is to be as new
	ChangeUser // Name: the user
	UseSchema  // Name: the schema
	Sync       // PostgreSQL: ends a pipeline's batch, and what it did outside a transaction is committed
	Flush      // PostgreSQL: what was answered so far is to be sent
	CopyIn     // PostgreSQL: data for COPY, whole. Name: "done", or why the client gives up
	LocalFile  // MySQL: the file for LOAD DATA LOCAL, whole
	LongData   // MySQL: part of a parameter, sent ahead
	Quit
)

var kinds = [...]string{
	"other", "login", "encryption", "cancel", "query", "prepare", "bind", "describe", "execute", "fetch", "close", "reset",
	"change user", "use schema", "sync", "flush", "copy in", "local file", "long data", "quit",
}

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "unknown"
}

// Value is a parameter, or a column's value in a row.
type Value struct {
	Null bool
	Text string // as the server would write it; of a binary form that is not known: \x and hexadecimal digits
	Raw  []byte // as it was sent
}

func (v Value) String() string {
	if v.Null {
		return "NULL"
	}
	return v.Text
}
