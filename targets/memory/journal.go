package memory

import "github.com/lastseat/lastseat/harness"

// pageSize is how many entries a session writes before they are put away.
const pageSize = 1024

// turnPage puts away the entries that the session's journal has so far, once they are many. Between operations only: one that is under
// way may take back what it wrote.
func (s *session) turnPage() {
	if len(s.journal) < pageSize {
		return
	}
	if s.journal = s.pages.Add(s.journal); s.journal == nil {
		s.journal = make([]harness.Entry, 0, pageSize+16)
	}
}

// entries is the journal of all sessions: the pages that they put away, as these came, and what each has since then.
func (t *target) entries() []harness.Entry {
	if t.pages == nil {
		return nil // there was no session yet
	}
	rest := make([][]harness.Entry, len(t.sessions))
	for i, s := range t.sessions {
		rest[i] = s.journal
	}
	return t.pages.All(rest...)
}
