package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/database"
)

// fileTables are those of a file, as they were when it was asked.
type fileTables struct {
	db  *sql.DB
	all []store.Table // without rows
}

func openTables(ctx context.Context, c driver.Connector) (store.Tables, error) {
	t := &fileTables{db: sql.OpenDB(c)}
	t.db.SetMaxOpenConns(1)
	if err := t.find(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read which tables there are: %w", err), t.db.Close())
	}
	return t, nil
}

// find reads which tables there are. A column that is an INTEGER PRIMARY KEY is generated where a row brings none.
func (t *fileTables) find(ctx context.Context) error {
	rows, err := t.query(ctx, `SELECT m.name, c.name, upper(c.type) = 'INTEGER' AND c.pk = 1
			AND (SELECT count(*) FROM pragma_table_info(m.name) WHERE pk > 0) = 1
		FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite@_%' ESCAPE '@' AND c.hidden <> 1
		ORDER BY m.name, c.cid`)
	for _, r := range rows {
		if n := len(t.all); n == 0 || t.all[n-1].Name != r[0] {
			t.all = append(t.all, store.Table{Name: r[0], Keys: map[string]string{}})
		}
		last := &t.all[len(t.all)-1]
		last.Columns = append(last.Columns, r[1])
		if r[2] == "1" {
			last.Keys[r[1]] = r[0]
		}
	}
	return err
}

// Read implements store.Tables.
func (t *fileTables) Read(ctx context.Context) ([]store.Table, error) {
	all := make([]store.Table, len(t.all))
	for i := range t.all {
		all[i] = t.all[i]
		var err error
		if all[i].Rows, err = t.query(ctx, `SELECT * FROM "`+strings.ReplaceAll(all[i].Name, `"`, `""`)+`"`); err != nil {
			return nil, fmt.Errorf("read table %s: %w", all[i].Name, err)
		}
	}
	return all, nil
}

// Jump implements store.Tables. Keys that are not AUTOINCREMENT follow the highest that there is, and leave no gaps.
func (t *fileTables) Jump(ctx context.Context) error {
	counted, err := t.query(ctx, "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
	if err == nil && len(counted) > 0 {
		_, err = t.db.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = seq + 1000003 * rowid")
	}
	if err != nil {
		err = fmt.Errorf("have generated keys jump: %w", err)
	}
	return err
}

// Touch implements store.Tables: who writes locks out all others, whatever the table.
func (t *fileTables) Touch(string, []any, bool) store.Touch {
	return store.Touch{Point: harness.AtStatement}
}

// Close implements store.Tables.
func (t *fileTables) Close() error { return t.db.Close() }

// query is the rows of an answer as texts.
func (t *fileTables) query(ctx context.Context, query string) ([][]string, error) {
	_, all, err := texts(ctx, t.db, query)
	return all, err
}

// texts are an answer as texts.
func texts(ctx context.Context, db *sql.DB, query string) (columns []string, all [][]string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }() // they are read to their end, or the error says why not
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	values, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return nil, nil, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			if row[i] = v.String; !v.Valid {
				row[i] = database.Null
			}
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}
