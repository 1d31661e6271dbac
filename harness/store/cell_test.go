package store_test

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// TestCell: values as consoles show them; a time by its column's type.
func TestCell(t *testing.T) {
	at := time.Date(2024, 2, 29, 7, 8, 9, 120_000_000, time.FixedZone("", 2*60*60))
	for _, c := range []struct {
		value        any
		column, want string
	}{
		{nil, "TEXT", "NULL"},
		{[]byte("007"), "VARCHAR", "007"},
		{int64(-3), "BIGINT", "-3"},
		{1.5, "DOUBLE", "1.5"},
		{at, "TIMESTAMP", "2024-02-29 07:08:09.12"},
		{at, "TIMESTAMPTZ", "2024-02-29 07:08:09.12+02:00"},
		{at, "DATE", "2024-02-29"},
	} {
		if got := store.Cell(c.value, c.column); got != c.want {
			t.Errorf("%v as %s: %s, want %s", c.value, c.column, got, c.want)
		}
	}
}
