package sqldb

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// slow is a server that carries out the first CREATE when its client has given up and the DROP that follows is over.
type slow struct {
	Conn
	there map[string]bool
	late  string // a table that is yet to be made; of none: "-"
}

func (c *slow) Exec(_ context.Context, text string, _ ...any) (Done, error) {
	name := text[strings.LastIndexByte(text, ' ')+1:]
	switch {
	case strings.HasPrefix(text, "DROP"):
		delete(c.there, name)
		if c.late == name {
			c.there[name], c.late = true, "-"
		}
	case c.late == "":
		c.late = name
		return Done{}, errors.New("no answer")
	case c.there[name]:
		return Done{}, answer{}
	default:
		c.there[name] = true
	}
	return Done{}, nil
}

func (*slow) Dead() bool { return false }

// TestLateTable: a table that comes to be after its DROP is in the way of one row at most, and is not there at the end.
func TestLateTable(t *testing.T) {
	c := &slow{there: map[string]bool{"theirs": true}}
	s := &Server{monitor: c, pool: &pool{}}
	s.cfg.Dialect = &Dialect{Classify: func(err error) Class { return Class{Lost: !errors.Is(err, answer{})} }}
	drop := func() {
		t.Helper()
		if err := s.dropTables(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for row, fails := range []bool{true, true, false, false} {
		err := s.createTable(t.Context(), table{"stock", []string{"CREATE TABLE stock"}})
		if fails != (err != nil) {
			t.Errorf("row %d: %v", row, err)
		}
		drop()
	}
	if err := s.createTable(t.Context(), table{"theirs", []string{"CREATE TABLE theirs"}}); err == nil {
		t.Error("a table of another's was taken for made")
	}
	drop()
	if left := slices.Collect(maps.Keys(c.there)); !slices.Equal(left, []string{"theirs"}) || len(s.made) > 0 {
		t.Errorf("%v is there, and %v to be dropped", left, s.made)
	}
}
