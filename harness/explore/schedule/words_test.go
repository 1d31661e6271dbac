package schedule_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness/explore/schedule"
)

// TestSent: what a labelled statement answered stands in the place of its label in braces, as SQL has it; other braces stay.
func TestSent(t *testing.T) {
	row := func(value string) string { return schedule.First([][]string{{value, "2"}, {"8"}}) }
	seen := map[string]string{"n": row("3"), "who": row("O'Neil {n}"), "none": row("NULL")}
	const text, want = `UPDATE t SET v = {n} - 1, w = {who}, x = {none}, y = '{1,2}', z = {other}`,
		`UPDATE t SET v = 3 - 1, w = 'O''Neil {n}', x = NULL, y = '{1,2}', z = {other}`
	if got := schedule.Sent(text, seen); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestFirst: what would be another value as a number stays a text, and no row is NULL.
func TestFirst(t *testing.T) {
	for value, want := range map[string]string{
		"0": "0", "-12": "-12", "10.50": "10.50", "-0.5": "-0.5", "NULL": "NULL",
		"007": "'007'", "00": "'00'", "+1": "'+1'", "1e3": "'1e3'", "0x1F": "'0x1F'", "1_000": "'1_000'", "1.": "'1.'", ".5": "'.5'",
		"NaN": "'NaN'", "Infinity": "'Infinity'", "": "''", "1\n": "'1\n'",
	} {
		if got := schedule.First([][]string{{value}}); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
	for _, rows := range [][][]string{nil, {{}}} {
		if got := schedule.First(rows); got != "NULL" {
			t.Errorf("%v: %s, want NULL", rows, got)
		}
	}
}
