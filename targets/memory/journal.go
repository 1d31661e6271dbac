package memory

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// pageSize is how many entries a session writes before they are put away.
const pageSize = 1024

// turnPage puts away the entries that the session's journal has so far, once they are many. Between operations only: one that is under
// way may take back what it wrote.
func (s *session) turnPage() {
	if len(s.journal) < pageSize {
		return
	}
	page, spare := spool.Keep(s.spool, s.journal)
	s.pages = append(s.pages, page)
	if s.journal = spare; spare == nil {
		s.journal = make([]harness.Entry, 0, pageSize+16)
	}
}

// entries is the journal of all sessions.
func (t *target) entries() []harness.Entry {
	n := 0
	var in *spool.Spool
	for _, s := range t.sessions {
		in = s.spool
		for _, page := range s.pages {
			n += len(page)
		}
		n += len(s.journal)
	}
	all := spool.Make[harness.Entry](in, 0, n)
	for _, s := range t.sessions {
		for _, page := range s.pages {
			all = append(all, page...)
		}
		all = append(all, s.journal...)
	}
	return all
}
