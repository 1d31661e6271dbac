package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
)

// explain names the anomaly where the statements show which it is, and says what mends it.
func (e *Example) explain(tables []string, j *judged) {
	if j.verdict != serial.Violation {
		return
	}
	for i := range tables {
		bit := uint64(1) << min(i, 63)
		if e.readThenWritten(bit, bit) {
			e.lostUpdate(tables[i], bit)
			return
		}
	}
	for i := range tables {
		for k := range tables {
			if i != k && e.readThenWritten(1<<min(i, 63), 1<<min(k, 63)) && e.readThenWritten(1<<min(k, 63), 1<<min(i, 63)) {
				e.Anomaly = "write skew (G2)"
				e.Meaning = fmt.Sprintf("each client decided by %s what it wrote to %s, or the other way round, and what it had read was changed meanwhile", tables[i], tables[k])
				e.Mends = []string{"lock what is read before it is decided on: SELECT … FOR UPDATE", "serializable, with a retry after 40001"}
				return
			}
		}
	}
	e.hidden()
}

// unseen reports whether what a step reads and writes cannot be told: a procedure, a function or code does it, inside the server.
func (s *Step) unseen() bool { return s.Reads == explore.Everything }

// hidden says that the anomaly has no name, where statements take part that nobody sees into.
func (e *Example) hidden() {
	at := slices.IndexFunc(e.Steps, func(s Step) bool { return s.unseen() })
	if at < 0 {
		return
	}
	e.Meaning = fmt.Sprintf("Which tables %s reads and writes is not seen on the wire, and so it is not known what the anomaly is called", e.Steps[at].SQL)
	e.Mends = []string{
		"inside the procedure or function: SELECT … FOR UPDATE of what it decides by",
		"or one UPDATE that carries the condition in its WHERE, and whose count of rows is looked at",
	}
}

// readThenWritten reports whether two clients have each read from a table without locking, before the other wrote what it had read
// about.
func (e *Example) readThenWritten(read, written uint64) bool {
	clients := map[int]bool{}
	for i := range e.Steps {
		r := &e.Steps[i]
		if r.Reads&read == 0 || r.Writes != 0 || r.Locks || r.unseen() {
			continue
		}
		foreign := false
		for k := i + 1; k < len(e.Steps); k++ {
			w := &e.Steps[k]
			switch {
			case w.Writes&written == 0 || w.unseen():
			case w.Client != r.Client:
				foreign = true
			case foreign || e.foreignWrite(r.Client, i, written):
				clients[r.Client] = true
			}
		}
	}
	return len(clients) > 0
}

// foreignWrite reports whether another client wrote to a table after a step.
func (e *Example) foreignWrite(client, after int, written uint64) bool {
	for k := after + 1; k < len(e.Steps); k++ {
		if e.Steps[k].Client != client && e.Steps[k].Writes&written != 0 {
			return true
		}
	}
	return false
}

// lostUpdate is of one table: rows that were read and then changed, or looked for and then added.
func (e *Example) lostUpdate(table string, bit uint64) {
	adds, changes := false, false
	for _, s := range e.Steps {
		if s.Writes&bit == 0 {
			continue
		}
		verb, _, _ := strings.Cut(strings.ToUpper(s.SQL), " ")
		adds, changes = adds || verb == "INSERT", changes || verb != "INSERT"
	}
	if adds && !changes {
		e.Anomaly = "write skew on a predicate (phantom, G2)"
		e.Meaning = fmt.Sprintf("a client looked whether %s had a row, and added one, and so did another in between", table)
		e.Mends = e.first(bit, []string{
			"a unique index on " + table + ", and the error that it gives (23505, 1062) handled as a refusal",
			"a lock taken before the look, on a row that is always there", "serializable, with a retry after 40001",
		})
		return
	}
	e.Anomaly = "lost update (P4)"
	e.Meaning = fmt.Sprintf("a client decided by what it had read of %s, another changed it, and the first wrote as if it had not", table)
	e.Mends = e.first(bit, []string{
		"read it with SELECT … FOR UPDATE", "one UPDATE that carries the condition in its WHERE, and whose count of rows is looked at",
		"a version column that the UPDATE compares", "repeatable read or serializable, with a retry after 40001 (PostgreSQL); MySQL needs one of the others",
	})
}

// first puts before what mends an anomaly what it takes: that a client reads and writes a table in one transaction, if it does not.
func (e *Example) first(bit uint64, mends []string) []string {
	if !e.apart(bit) {
		return mends
	}
	return append([]string{"first of all, one transaction around the read and the write: no lock and no level reaches from one into another"}, mends...)
}

// apart reports whether a client reads a table and writes it in different transactions.
func (e *Example) apart(bit uint64) bool {
	transactional := map[int]bool{}
	for i := range e.Steps {
		s := &e.Steps[i]
		transactional[s.Client] = transactional[s.Client] || s.Begins != "" || s.Commits
	}
	ever, reads := map[int]bool{}, map[int]bool{} // at all, and in the transaction under way
	for i := range e.Steps {
		s := &e.Steps[i]
		if s.Begins != "" {
			reads[s.Client] = false
		}
		switch {
		case s.Writes&bit != 0 && ever[s.Client] && !reads[s.Client]:
			return true
		case s.Reads&bit != 0 && s.Writes == 0:
			ever[s.Client], reads[s.Client] = true, transactional[s.Client]
		}
		if s.Commits {
			reads[s.Client] = false
		}
	}
	return false
}
