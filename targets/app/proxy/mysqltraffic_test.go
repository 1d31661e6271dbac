package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/wire"
)

func number(err error) int {
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) {
		return int(e.Number)
	}
	return 0
}

// TestMySQLTraffic: what clients do beside single statements comes through, and has the answers that it has directly.
func TestMySQLTraffic(t *testing.T) {
	forMySQL(t, func(t *testing.T, w *twoWays) {
		for name, do := range map[string]func(*testing.T, *myWay) string{
			"kill": myKills, "large": myLarge, "several": mySeveral, "file": myFiles, "prepared": myPrepared, "failed": myFails,
		} {
			w.ways(t, name, func(t *testing.T) {
				w.same(t, name, func(m *myWay) string { return do(t, m) })
				w.idle(t)
			})
		}
		pieces := 0
		for _, b := range w.told() {
			if b.Lost {
				t.Errorf("lost: %+v", b.Requests[0])
			}
			for _, r := range b.Requests {
				if r.Kind == wire.LongData {
					pieces++
				}
			}
		}
		if pieces < 20 {
			t.Errorf("%d pieces of long parameters", pieces)
		}
	})
}

func myKills(t *testing.T, m *myWay) string {
	other := open(t, m.cfg.Clone())
	id := myText(t, other.DB, "SELECT CONNECTION_ID()")
	done := make(chan error)
	go func() {
		_, err := other.ExecContext(context.WithoutCancel(t.Context()), "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c, information_schema.columns d")
		done <- err
	}()
	for myText(t, m.DB, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT COUNT(*) FROM information_schema.columns a%' AND id = "+id) != "1" {
		_ = harness.Sleep(t.Context(), time.Millisecond)
	}
	_, err := m.ExecContext(t.Context(), "KILL QUERY "+id)
	for number(err) == 1095 { // not its owner: while a statement on information_schema's views is prepared, it acts as theirs
		_ = harness.Sleep(t.Context(), time.Millisecond)
		_, err = m.ExecContext(t.Context(), "KILL QUERY "+id)
	}
	must(t, err)
	err = <-done
	if number(err) != 1317 {
		t.Errorf("killed: %v, want 1317", err)
	}
	text := fmt.Sprint(number(err), myText(t, other.DB, "SELECT 1"))
	_, err = m.ExecContext(t.Context(), "KILL "+id)
	must(t, err)
	must(t, other.Close())
	return text
}

func myLarge(t *testing.T, m *myWay) (answer string) {
	for i, of := range []string{"SELECT ?", "SELECT CONCAT(?, 'end')"} {
		text := strings.Repeat(string(rune('a'+i)), bulk)
		var back string
		must(t, m.QueryRowContext(t.Context(), of, text).Scan(&back))
		answer += fmt.Sprint(len(back), strings.HasPrefix(back, text), " ")
		must(t, m.QueryRowContext(t.Context(), "SELECT '"+text+"'").Scan(&back))
		answer += fmt.Sprint(back == text, " ")
	}
	for _, size := range []int{1<<24 - 1, 1<<24 - 2, 1<<24 - 12, 1<<24 - 11, 1<<24 - 10} { // where packets end
		answer += myText(t, m.DB, "SELECT LENGTH('"+strings.Repeat("x", size-len("\x03SELECT LENGTH('')"))+"')") + " "
	}
	return answer
}

func mySeveral(t *testing.T, m *myWay) (answer string) {
	ctx := t.Context()
	answer = mySets(t, m, "DROP TABLE IF EXISTS several; CREATE TABLE several (x INT); INSERT INTO several VALUES (1), (2), (3); SELECT * FROM several; SELECT 'last'")
	_, err := m.ExecContext(ctx, "INSERT INTO several VALUES (4); INSERT INTO nosuch VALUES (5); INSERT INTO several VALUES (6)")
	answer += fmt.Sprint(number(err), " ", myText(t, m.DB, "SELECT SUM(x) FROM several"))
	_, err = m.ExecContext(ctx, "DROP PROCEDURE IF EXISTS two")
	must(t, err)
	_, err = m.ExecContext(ctx, "CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; INSERT INTO several VALUES (7); END")
	must(t, err)
	return answer + " " + mySets(t, m, "CALL two()") + myText(t, m.DB, "SELECT COUNT(*) FROM several")
}

// mySets are the rows of several results.
func mySets(t *testing.T, m *myWay, query string) (text string) {
	t.Helper()
	rows, err := m.QueryContext(t.Context(), query)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			var one string
			must(t, rows.Scan(&one))
			text += one + " "
		}
		text += "/ "
	}
	must(t, rows.Err())
	return text
}

func myFiles(t *testing.T, m *myWay) (answer string) {
	ctx := t.Context()
	_, err := m.ExecContext(ctx, "DROP TABLE IF EXISTS files; CREATE TABLE files (x VARCHAR(2000))")
	must(t, err)
	for name, r := range map[string]io.Reader{
		"long": strings.NewReader(strings.Repeat(strings.Repeat("z", 1023)+"\n", 3000)), "empty": strings.NewReader(""), "broken": &failing{},
	} {
		mysqldriver.RegisterReaderHandler(name, func() io.Reader { return r })
		defer mysqldriver.DeregisterReaderHandler(name)
	}
	for _, c := range []string{"'Reader::long' INTO TABLE files", "'Reader::empty' INTO TABLE files", "'Reader::long' INTO TABLE nosuch", "'Reader::broken' INTO TABLE files"} {
		r, err := m.ExecContext(ctx, "LOAD DATA LOCAL INFILE "+c)
		if err != nil {
			answer += err.Error() + " "
		} else {
			n, _ := r.RowsAffected()
			answer += fmt.Sprint(n, " ")
		}
	}
	return answer + myText(t, m.DB, "SELECT COUNT(*), SUM(LENGTH(x)) FROM files")
}

func myPrepared(t *testing.T, m *myWay) (answer string) {
	ctx, cfg := t.Context(), m.cfg.Clone()
	cfg.MaxAllowedPacket = 4 << 20 // what is longer is sent ahead, in pieces
	m = open(t, cfg)
	s, err := m.PrepareContext(ctx, "SELECT LENGTH(?), ?")
	must(t, err)
	defer func() { must(t, s.Close()) }()
	for _, text := range []string{"short", strings.Repeat("l", bulk), ""} {
		var n, second string
		must(t, s.QueryRowContext(ctx, text, 7).Scan(&n, &second))
		answer += n + second + " "
	}
	wide, err := m.PrepareContext(ctx, "SELECT LENGTH(CONCAT(?"+strings.Repeat(", ?", 19)+"))")
	must(t, err)
	defer func() { must(t, wide.Close()) }()
	args := make([]any, 20)
	for i := range args {
		args[i] = []byte(strings.Repeat("w", 1<<20))
	}
	var n string
	must(t, wide.QueryRowContext(ctx, args...).Scan(&n))
	_, err = m.PrepareContext(ctx, "SELEC ?") //nolint:sqlclosecheck // there is none
	return fmt.Sprint(answer, n, number(err))
}

func myFails(t *testing.T, m *myWay) string {
	ctx := t.Context()
	_, err := m.ExecContext(ctx, "DROP TABLE IF EXISTS fails; CREATE TABLE fails (x INT PRIMARY KEY)")
	must(t, err)
	tx, err := m.BeginTx(ctx, nil)
	must(t, err)
	_, err = tx.ExecContext(ctx, "INSERT INTO fails VALUES (1)")
	must(t, err)
	_, err = tx.ExecContext(ctx, "INSERT INTO fails VALUES (1)")
	answer := fmt.Sprint(number(err), " ")
	_, err = tx.ExecContext(ctx, "INSERT INTO fails VALUES (2)")
	must(t, err)
	must(t, tx.Commit())
	return answer + myText(t, m.DB, "SELECT COUNT(*) FROM fails")
}
