package postgres

import (
	"context"
	"errors"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
)

// TestRestoreVacuums: now and then a restore frees the tables of the rows that were deleted, and not each time.
func TestRestoreVacuums(t *testing.T) {
	s, err := openProgram(t.Context(), "", false)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	made, err := s.Create(t.Context(), "lastseat_app_0000000c")
	if err != nil {
		t.Fatal(err)
	}
	d := made.(*programDatabase)
	if err := d.Exec(t.Context(), "CREATE TABLE stock (n int); INSERT INTO stock VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	c, err := d.Catalog(t.Context())
	if err == nil {
		err = d.Keep(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.restored = vacuumEvery - 2
	for _, want := range []string{"0", "1", "1"} {
		if err := d.Restore(t.Context(), c, []int{0}); err != nil {
			t.Fatal(err)
		}
		_, rows, err := d.Query(t.Context(), "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'stock' AND schemaname = 'public'")
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0][0] != want {
			t.Errorf("after %d restores: %v, want %s", d.restored, rows, want)
		}
	}
}
