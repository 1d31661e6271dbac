package isolation

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
)

// perform runs a session's statements on one connection, up to the first that the server refuses: what is open then is rolled back. It
// answers what each statement did.
func perform(ctx context.Context, db *sql.DB, steps []schedule.Step) (answers map[string]any, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	answers, seen, inTx := map[string]any{}, map[string]string{}, false
	for i, st := range steps {
		name := st.Label
		if name == "" {
			name = "statement " + strconv.Itoa(i+1)
		}
		text := schedule.Sent(st.SQL, seen)
		inTx = schedule.Begins(text) || inTx && !schedule.Ends(text)
		rows, affected, err := send(ctx, conn, text)
		switch {
		case err != nil && inTx:
			_, back := conn.ExecContext(ctx, "ROLLBACK")
			return nil, errors.Join(err, back)
		case err != nil:
			return nil, err
		case schedule.Answers(text):
			answers[name] = rows
		case !schedule.Begins(text) && !schedule.Ends(text):
			answers[name] = affected
		}
		if st.Label != "" && schedule.Answers(text) {
			seen[st.Label] = schedule.First(rows)
		}
	}
	if inTx {
		_, err = conn.ExecContext(ctx, "ROLLBACK") // the file leaves it open, and so would its client's end
	}
	return answers, err
}

// send runs a statement.
func send(ctx context.Context, conn *sql.Conn, text string) (rows [][]string, affected int64, err error) {
	if schedule.Answers(text) {
		found, err := conn.QueryContext(ctx, text)
		if err != nil {
			return nil, 0, err
		}
		rows, err = texts(found)
		return rows, 0, err
	}
	r, err := conn.ExecContext(ctx, text)
	if err != nil {
		return nil, 0, err
	}
	affected, err = r.RowsAffected()
	return nil, affected, err
}

// texts are an answer's rows as texts.
func texts(rows *sql.Rows) (all [][]string, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = store.Cell(v, columns[i].DatabaseTypeName())
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
