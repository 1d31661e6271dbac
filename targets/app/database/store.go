package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Store is a database with what it is restored to.
type Store struct {
	Database
	Catalog *Catalog
	Seed    Contents
	now     Contents // as it was read last; nil: not known
}

// Keep makes a Store of a database as it is now.
func Keep(ctx context.Context, db Database) (*Store, error) {
	c, err := db.Catalog(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which tables there are: %w", err)
	}
	s := &Store{Database: db, Catalog: c}
	if err := db.Keep(ctx, c); err != nil {
		return nil, fmt.Errorf("copy the tables: %w", err)
	}
	s.Seed, err = s.Contents(ctx)
	return s, err
}

// Contents reads all tables.
func (s *Store) Contents(ctx context.Context) (Contents, error) {
	now, err := s.Read(ctx, s.Catalog)
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	s.now = now
	return now, nil
}

// Restore brings back the tables that a reading shows to be changed, and looks again where triggers may have run meanwhile.
func (s *Store) Restore(ctx context.Context) error {
	for range 3 {
		if s.now == nil {
			if _, err := s.Contents(ctx); err != nil {
				return err
			}
		}
		changed := s.Changed(s.now)
		if len(changed) == 0 {
			return nil
		}
		if err := s.Database.Restore(ctx, s.Catalog, changed); err != nil {
			return fmt.Errorf("restore the tables: %w", err)
		}
		s.now = nil
		if !slices.ContainsFunc(changed, func(i int) bool { return s.Catalog.Tables[i].Triggers }) {
			s.now = s.Seed
		}
	}
	return fmt.Errorf("restore the tables: they change again: %s", strings.Join(s.names(s.Changed(s.now)), ", "))
}

// Now is what the tables held when they were read last.
func (s *Store) Now() Contents { return s.now }

// Touched says that what the tables hold is not known any more.
func (s *Store) Touched() { s.now = nil }

// Changed are the tables that hold something other than the seed.
func (s *Store) Changed(now Contents) (changed []int) {
	for i := range s.Catalog.Tables {
		if !same(now[i], s.Seed[i]) {
			changed = append(changed, i)
		}
	}
	return changed
}

func (s *Store) names(tables []int) (names []string) {
	for _, i := range tables {
		names = append(names, s.Catalog.Tables[i].Name)
	}
	return names
}

// same reports whether two tables hold the same rows.
func same(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	if slices.EqualFunc(a, b, slices.Equal) {
		return true
	}
	x, y := slices.Clone(a), slices.Clone(b)
	slices.SortFunc(x, slices.Compare)
	slices.SortFunc(y, slices.Compare)
	return slices.EqualFunc(x, y, slices.Equal)
}

// Line is a row in a line.
func Line(row []string) string {
	out := make([]string, len(row))
	for i, v := range row {
		if out[i] = v; v == Null {
			out[i] = "NULL"
		}
	}
	return strings.Join(out, ", ")
}
