package harness_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestPointOf: in doubt a statement is one of which no more is known.
func TestPointOf(t *testing.T) {
	for sql, want := range map[string]harness.Point{
		"SELECT v FROM t WHERE id = 1":                               harness.AtRead,
		"select count(*), sum (v) from t where id in (1, 2)":         harness.AtRead,
		"SELECT v FROM (SELECT v FROM t) AS x WHERE NOT (v > 1);":    harness.AtRead,
		"-- name: Stock :one\nSELECT v\nFROM t":                      harness.AtRead,
		"SELECT v FROM t FOR UPDATE":                                 harness.AtStatement,
		"SELECT v FROM t FOR\n  NO KEY UPDATE":                       harness.AtStatement,
		"SELECT v FROM t FOR /* all */ UPDATE":                       harness.AtStatement,
		"SELECT v FROM t LOCK IN SHARE MODE":                         harness.AtStatement,
		"SELECT nextval('ids')":                                      harness.AtStatement,
		"SELECT pg_advisory_xact_lock (1)":                           harness.AtStatement,
		"SELECT GET_LOCK('a', 1)":                                    harness.AtStatement,
		`SELECT "sell"(1)`:                                           harness.AtStatement,
		"SELECT v FROM t WHERE sell_count(1) > 0":                    harness.AtStatement,
		"SELECT v INTO copy FROM t":                                  harness.AtStatement,
		"SELECT 1; UPDATE t SET v = 2":                               harness.AtStatement,
		"WITH x AS (UPDATE t SET v = 1 RETURNING v) SELECT v FROM x": harness.AtStatement,
		"UPDATE t SET v = 1":                                         harness.AtStatement,
		"BEGIN":                                                      harness.AtBegin,
		"begin isolation level serializable":                         harness.AtBegin,
		"BEGIN DEFERRED":                                             harness.AtBegin,
		"BEGIN IMMEDIATE":                                            harness.AtLock,
		"START TRANSACTION":                                          harness.AtBegin,
		"START TRANSACTION WITH CONSISTENT SNAPSHOT":                 harness.AtStatement,
		"BEGIN; UPDATE t SET v = 1":                                  harness.AtStatement,
		"commit":                                                     harness.AtCommit,
		"COMMIT WORK;":                                               harness.AtCommit,
		"COMMIT PREPARED 'x'":                                        harness.AtStatement,
		"END":                                                        harness.AtCommit,
		"ROLLBACK":                                                   harness.AtRollback,
		"ROLLBACK TO SAVEPOINT a":                                    harness.AtStatement,
		"rollback to savepoint sp_1":                                 harness.AtStatement,
		"":                                                           harness.AtStatement,
	} {
		if got := harness.PointOf(sql, false); got != want {
			t.Errorf("%q is %v, want %v", sql, got, want)
		}
	}
	if got := harness.PointOf("SELECT v FROM t", true); got != harness.AtStatement {
		t.Errorf("a read that locks is %v", got)
	}
}
