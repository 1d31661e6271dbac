package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb/sqldbtest"
)

// statements holds errors that SQLite itself has made: the driver's cannot be made elsewhere.
func statements(t *testing.T) *sqldbtest.Engine {
	path := filepath.Join(t.TempDir(), "errors.db")
	open := func() *sql.DB {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	mine, others := open(), open()
	fails := func(db *sql.DB, statement string) error {
		_, err := db.ExecContext(t.Context(), statement)
		return err
	}
	for _, q := range []string{
		"PRAGMA journal_mode = WAL", "CREATE TABLE seat (id INTEGER PRIMARY KEY, n INT UNIQUE, CHECK (n >= 0))", "INSERT INTO seat VALUES (1, 1)",
		"BEGIN IMMEDIATE",
	} {
		if err := fails(mine, q); err != nil {
			t.Fatal(err)
		}
	}
	e := &sqldbtest.Engine{
		Dialect: &dialect, Level: harness.Serializable, Isolation: Isolation,
		Errors: map[string]error{
			"busy":            fails(others, "BEGIN IMMEDIATE"),
			"unique":          fails(mine, "INSERT INTO seat VALUES (2, 1)"),
			"primary key":     fails(mine, "INSERT INTO seat VALUES (1, 2)"),
			"check":           fails(mine, "INSERT INTO seat VALUES (3, -1)"),
			"no such table":   fails(mine, "SELECT * FROM nothing"),
			"not of SQLite's": errors.New("disk gone"),
		},
	}
	// What somebody has read is old once another has committed.
	if err := errors.Join(fails(others, "BEGIN"), fails(others, "SELECT * FROM seat"), fails(mine, "UPDATE seat SET n = 5"), fails(mine, "COMMIT")); err != nil {
		t.Fatal(err)
	}
	e.Errors["old snapshot"] = fails(others, "UPDATE seat SET n = 6")
	for name, err := range e.Errors {
		if err == nil {
			t.Errorf("%s is no error", name)
		}
	}
	return e
}

func TestStatements(t *testing.T) { sqldbtest.Statements(t, "statements", statements(t)) }

func TestErrorsOfStatements(t *testing.T) { sqldbtest.Errors(t, statements(t)) }
