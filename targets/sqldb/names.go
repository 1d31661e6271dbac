package sqldb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// names puts the run's schema before the names of tables: a name alone means a table of whatever schema the connection is in, and
// that may be the user's. Empty: the names stay as they are.
type names string

// of is how statements name a table.
func (n names) of(table string) string {
	if n == "" || table == "" {
		return table
	}
	return string(n) + "." + table
}

// group is the group as statements name it.
func (n names) group(g *harness.Group) harness.Group {
	named := *g
	named.Table, named.Claims = n.of(g.Table), n.of(g.Claims)
	return named
}

// state is the state as statements name it.
func (n names) state(s *harness.State) *harness.State {
	named := *s
	named.Journal = n.of(s.Journal)
	named.Groups = make([]harness.Group, len(s.Groups))
	for i := range s.Groups {
		named.Groups[i] = n.group(&s.Groups[i])
	}
	return &named
}

// short is a statement for people, who know whose tables are meant.
func (n names) short(sql string) string {
	if n == "" {
		return sql
	}
	return strings.ReplaceAll(sql, string(n)+".", "")
}

// unqualified is a table's own name.
func unqualified(table string) string { return table[strings.LastIndexByte(table, '.')+1:] }

// beside is a table of the same schema as those of the state.
func beside(s *harness.State, table string) string {
	first := s.Groups[0].Table
	return strings.TrimSuffix(first, unqualified(first)) + table
}

// table is a table, and the statements that make it.
type table struct {
	name   string
	create []string
}

// madeTable is a table that a row has made. late: its CREATE was not answered, and the server may yet carry it out, after a DROP too.
type madeTable struct {
	name string
	late bool
}

// createTable makes a table, and notes that it is there to be dropped: where nobody knows whether it was made, as well.
func (s *Server) createTable(ctx context.Context, t table) error {
	for i, sql := range t.create {
		_, err := s.watching(ctx).Exec(ctx, sql)
		lost := err != nil && s.cfg.Dialect.Classify(err).Lost
		if i == 0 && (err == nil || lost) {
			s.made = slices.DeleteFunc(s.made, func(m madeTable) bool { return m.name == t.name })
			s.made = append(s.made, madeTable{t.name, lost})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// dropTables drops the tables that rows have made, and no others.
func (s *Server) dropTables(ctx context.Context) error {
	for _, m := range slices.Clone(s.made) {
		sql := "DROP TABLE IF EXISTS " + m.name // its CREATE may not have been answered
		if _, err := s.watching(ctx).Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
		s.made = slices.DeleteFunc(s.made, func(dropped madeTable) bool { return dropped == m && !m.late })
	}
	return nil
}
