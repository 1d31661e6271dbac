package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// TestCodeNoticesNothing: code sees the same values, types and errors on a DB that announces as on one that does not.
func TestCodeNoticesNothing(t *testing.T) {
	for _, c := range []struct {
		engine store.Engine
		one    string // placeholder
	}{
		{sqlite.Engine(), "?"},
		{mysql.MySQL(), "?"},
		{mysql.MariaDB(), "?"},
		{postgres.Engine(), "$1"},
	} {
		t.Run(c.engine.Name, func(t *testing.T) {
			server := owncode.Open(t, c.engine)
			create := owncode.SQL("CREATE TABLE t (id INT PRIMARY KEY, v INT, name VARCHAR(10))")
			fill := owncode.SQL("DELETE FROM t", "INSERT INTO t VALUES (1, 10, 'hat')", "INSERT INTO t VALUES (2, NULL, NULL)")
			var plain, led string
			code := owncode.Code[*sql.DB]{
				Setup: func(ctx context.Context, db *sql.DB) error {
					if err := errors.Join(create(ctx, db), fill(ctx, db)); err != nil {
						return err
					}
					plain = behaviour(ctx, db, c.one)
					return nil
				},
				Reset: fill,
				Clients: []func(context.Context, *sql.DB) error{
					func(ctx context.Context, db *sql.DB) error { led = behaviour(ctx, db, c.one); return nil },
					func(context.Context, *sql.DB) error { return nil },
				},
				Check: func(context.Context, *sql.DB, []error) error { return nil },
			}
			report, err := owncode.Explore(t.Context(), server, code)
			if err != nil {
				t.Fatal(err)
			}
			if report.Schedules != 1 {
				t.Errorf("one client alone has %d schedules", report.Schedules)
			}
			if diff := cmp.Diff(strings.Split(plain, "\n"), strings.Split(led, "\n")); diff != "" {
				t.Errorf("-plain +led:\n%s", diff)
			}
			if len(plain) < 500 {
				t.Errorf("too little was looked at:\n%s", plain)
			}
		})
	}
}

// behaviour writes down what code sees of a database.
func behaviour(ctx context.Context, db *sql.DB, one string) string {
	var b strings.Builder
	note := func(what string, values ...any) {
		fmt.Fprintf(&b, "%s:", what)
		for _, v := range values {
			if err, ok := v.(error); ok {
				v = fmt.Sprintf("%T %v noRows=%v txDone=%v canceled=%v", err, err, errors.Is(err, sql.ErrNoRows), errors.Is(err, sql.ErrTxDone),
					errors.Is(err, context.Canceled))
			}
			fmt.Fprintf(&b, " %v", v)
		}
		b.WriteString("\n")
	}
	where := func(sql string) string { return strings.ReplaceAll(sql, "?", one) }
	var v sql.NullInt64
	var name sql.NullString
	note("none", db.QueryRowContext(ctx, where("SELECT v FROM t WHERE id = ?"), 99).Scan(&v))
	note("null", db.QueryRowContext(ctx, where("SELECT v, name FROM t WHERE id = ?"), 2).Scan(&v, &name), v, name)
	note("value", db.QueryRowContext(ctx, where("SELECT v, name FROM t WHERE id = ?"), 1).Scan(&v, &name), v, name)
	var text string
	note("null as text", db.QueryRowContext(ctx, "SELECT name FROM t WHERE id = 2").Scan(&text))
	for _, statement := range []string{
		"INSERT INTO t VALUES (?, 1, 'x')", "INSERT INTO t VALUES (?, 1, 'x')", "UPDATE t SET v = 2 WHERE id = ?", "UPDATE nowhere SET v = ?",
		"DELETE FROM t WHERE id = ?",
	} {
		result, err := db.ExecContext(ctx, where(statement), 3)
		note(statement, err)
		if err == nil {
			n, err := result.RowsAffected()
			note("affected", n, err)
			_, err = result.LastInsertId()
			note("generated", err)
		}
	}
	_, err := db.ExecContext(ctx, where("DELETE FROM t WHERE id = ?"), struct{}{})
	note("no such argument", err)
	_, err = db.ExecContext(ctx, where("DELETE FROM t WHERE id = ?"))
	note("too few arguments", err)
	_, err = db.ExecContext(ctx, where("DELETE FROM t WHERE id = ?"), sql.Named("id", 3))
	note("a name", err)
	prepared(ctx, db, note, where("SELECT v FROM t WHERE id = ?"))
	columns(ctx, db, note)
	transactions(ctx, db, note)
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = db.ExecContext(over, "UPDATE t SET v = 3")
	note("context over", err)
	_, err = db.BeginTx(over, nil)
	note("context over", err)
	conn, err := db.Conn(ctx)
	note("conn", err)
	note("ping", conn.PingContext(ctx), conn.Close(), conn.Close())
	return b.String()
}

func prepared(ctx context.Context, db *sql.DB, note func(string, ...any), query string) {
	_, err := db.PrepareContext(ctx, "SELECT nothing FROM nowhere") //nolint:sqlclosecheck // there is none
	note("prepare nowhere", err)
	s, err := db.PrepareContext(ctx, query)
	note("prepare", err)
	defer s.Close()
	for id := range 3 {
		var v sql.NullInt64
		note("prepared", s.QueryRowContext(ctx, id).Scan(&v), v)
	}
	_, err = s.ExecContext(ctx, "x", "y")
	note("prepared, too many", err)
}

func columns(ctx context.Context, db *sql.DB, note func(string, ...any)) {
	rows, err := db.QueryContext(ctx, "SELECT id, v, name FROM t ORDER BY id")
	note("rows", err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	note("types", err)
	for _, t := range types {
		length, hasLength := t.Length()
		nullable, hasNullable := t.Nullable()
		precision, scale, hasScale := t.DecimalSize()
		note("type", t.Name(), t.DatabaseTypeName(), t.ScanType(), length, hasLength, nullable, hasNullable, precision, scale, hasScale)
	}
	for rows.Next() { // with another statement while rows are open
		var id int
		var v, name, nested any
		note("row", rows.Scan(&id, &v, &name), id, v, name)
		note("nested", db.QueryRowContext(ctx, "SELECT COUNT(*) FROM t").Scan(&nested), nested)
		break
	}
	note("next set", rows.NextResultSet(), rows.Close(), rows.Err())
}

func transactions(ctx context.Context, db *sql.DB, note func(string, ...any)) {
	for level := sql.LevelDefault; level <= sql.LevelLinearizable; level++ {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
		note(level.String(), err)
		if err != nil {
			continue
		}
		var v sql.NullInt64
		note("read", tx.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v), v)
		_, err = tx.ExecContext(ctx, "UPDATE t SET v = v + 1 WHERE id = 1")
		note("write", err)
		note("end", tx.Rollback(), tx.Rollback(), tx.Commit())
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	note("read only", err)
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE t SET v = v + 1 WHERE id = 1")
		note("write", err)
		_, err = tx.ExecContext(ctx, "SELECT v FROM t WHERE id = 1")
		note("then", err)
		note("end", tx.Commit(), tx.Rollback())
	}
	tx, err = db.BeginTx(ctx, nil)
	note("committed", err)
	_, err = tx.ExecContext(ctx, "UPDATE t SET v = v + 1 WHERE id = 1")
	note("write", err, tx.Commit(), tx.Rollback())
	var v int
	note("v", db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v), v)
}
