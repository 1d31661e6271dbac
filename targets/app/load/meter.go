package load

import (
	"strings"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// Meter counts what passes on the wire. Its methods may be called from several goroutines.
type Meter struct {
	reader   *statement.Reader // nil: which tables are touched is not looked at
	conflict func(code string, number int) harness.Conflict

	mu    sync.Mutex
	open  map[*proxy.Conn]*transaction
	ended []transaction
	Counts
}

// Counts are sums over all connections.
type Counts struct {
	Statements   int64 // but those that only begin and end transactions
	Transactions int64 // whatever their end; a statement outside of one is one
	RolledBack   int64 // of those
	Conflicts    [harness.Conflicts]int64
	Errors       int64         // all others that the server said
	InDatabase   time.Duration // from a statement's sending to its answer
}

// transaction is one that is or was under way.
type transaction struct {
	from, to      time.Time
	reads, writes uint64 // tables, by bits
	failed        bool
}

// NewMeter makes a meter. reader says which tables statements touch; nil: nobody asks. conflict says which errors are conflicts.
func NewMeter(reader *statement.Reader, conflict func(code string, number int) harness.Conflict) *Meter {
	return &Meter{reader: reader, conflict: conflict, open: map[*proxy.Conn]*transaction{}}
}

// Answered takes in a batch that the server has answered.
func (m *Meter) Answered(b *proxy.Batch) {
	now := time.Now()
	var s statement.Statement
	if m.reader != nil {
		s = m.reader.Read(b.Requests, b.Inside)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	statements := int64(0)
	for _, r := range b.Requests {
		if (r.Kind == wire.Query || r.Kind == wire.Execute) && !frames(r.SQL) {
			statements++
		}
	}
	m.Statements += statements
	m.InDatabase += now.Sub(b.Sent)
	t := m.open[b.Conn]
	if t == nil {
		t = &transaction{from: b.Sent}
	}
	t.to, t.reads, t.writes = now, t.reads|s.Reads, t.writes|s.Writes
	for _, a := range b.Answers {
		m.judge(t, a.Error)
	}
	switch {
	case !b.Lost && len(b.Answers) > 0 && b.Answers[len(b.Answers)-1].State != wire.Idle:
		m.open[b.Conn] = t
	case b.Inside || statements > 0:
		m.end(b, t)
	}
}

// judge counts an error.
func (m *Meter) judge(t *transaction, e *wire.Error) {
	if e == nil {
		return
	}
	t.failed = true
	if c := m.conflict(e.Code, e.Number); c != harness.NoConflict {
		m.Conflicts[c]++
	} else {
		m.Errors++
	}
}

// end counts a transaction that is over.
func (m *Meter) end(b *proxy.Batch, t *transaction) {
	delete(m.open, b.Conn)
	m.Transactions++
	committed := false
	for _, a := range b.Answers {
		committed = committed || a.Commit
	}
	if t.failed || b.Inside && !committed {
		m.RolledBack++
	}
	if m.reader != nil {
		m.ended = append(m.ended, *t)
	}
}

// Met reports whether two transactions that touched the same table overlapped, of which one wrote to it.
func (m *Meter) Met() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.ended {
		for k := range i {
			a, b := &m.ended[i], &m.ended[k]
			if a.writes&(b.reads|b.writes)|b.writes&a.reads != 0 && a.from.Before(b.to) && b.from.Before(a.to) {
				return true
			}
		}
	}
	return false
}

// Sum is what was counted so far.
func (m *Meter) Sum() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Counts
}

// frames reports whether a statement only begins or ends transactions, or says how they are to be.
func frames(sql string) bool {
	word, _, _ := strings.Cut(uncommented(sql), " ")
	switch strings.ToUpper(strings.TrimRight(word, ";")) {
	case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SET", "SAVEPOINT", "RELEASE", "DEALLOCATE", "DISCARD", "":
		return true
	}
	return false
}

// uncommented is a statement without comments before it: sqlc puts names there, and pgx sends nothing else to look whether a connection is
// there yet.
func uncommented(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n")
		end, long := "\n", strings.HasPrefix(sql, "/*") && !strings.HasPrefix(sql, "/*!")
		if long {
			end = "*/"
		} else if !strings.HasPrefix(sql, "--") {
			return sql
		}
		_, sql, _ = strings.Cut(sql, end)
	}
}
