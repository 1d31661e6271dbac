package postgres

import (
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb/sqldbtest"
)

func statements() *sqldbtest.Engine {
	return &sqldbtest.Engine{
		Dialect: dialect("own", false), Level: harness.ReadCommitted, Isolation: Isolation,
		Errors: map[string]error{
			"serialization failure": &pgconn.PgError{Code: "40001"},
			"deadlock":              &pgconn.PgError{Code: "40P01"},
			"lock not available":    &pgconn.PgError{Code: "55P03"},
			"unique violation":      &pgconn.PgError{Code: "23505"},
			"check violation":       &pgconn.PgError{Code: "23514"},
			"completion unknown":    &pgconn.PgError{Code: "40003"},
			"admin shutdown":        &pgconn.PgError{Code: "57P01"},
			"undefined table":       &pgconn.PgError{Code: "42P01"},
			"COMMIT rolled back":    errRolledBack,
			"connection lost":       io.ErrUnexpectedEOF,
		},
	}
}

func TestStatements(t *testing.T) { sqldbtest.Statements(t, "statements", statements()) }

func TestErrorsOfStatements(t *testing.T) { sqldbtest.Errors(t, statements()) }
