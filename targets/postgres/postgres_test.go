package postgres

import (
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb"
)

func TestClassify(t *testing.T) {
	code := func(c string) error { return fmt.Errorf("commit: %w", &pgconn.PgError{Code: c}) }
	for _, c := range []struct {
		err  error
		want sqldb.Class
	}{
		{code("40001"), sqldb.Class{Conflict: harness.Serialization}},
		{code("40P01"), sqldb.Class{Conflict: harness.Deadlock}},
		{code("55P03"), sqldb.Class{Conflict: harness.LockTimeout}},
		{code("23505"), sqldb.Class{Conflict: harness.VersionMiss}},
		{code("23514"), sqldb.Class{Rejected: true}},
		{code("57P01"), sqldb.Class{Lost: true}},
		{code("57014"), sqldb.Class{Lost: true}},
		{code("08006"), sqldb.Class{Lost: true}},
		{code("25P02"), sqldb.Class{}},
		{code("42P01"), sqldb.Class{}},
		{errRolledBack, sqldb.Class{}},
		{io.ErrUnexpectedEOF, sqldb.Class{Lost: true}},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.err, got, c.want)
		}
	}
}
