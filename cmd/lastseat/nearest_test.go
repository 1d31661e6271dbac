package main

import "testing"

// TestNearest: a name is suggested where a few letters are wrong, and never where it is another word.
func TestNearest(t *testing.T) {
	names := []string{"memory", "sqlite", "postgres", "mysql", "mariadb"}
	for got, want := range map[string]string{
		"postgre": "postgres", "postgersql": "postgres", "mysq": "mysql", "myslq": "mysql", "maria": "mariadb",
		"oracle": "", "mongodb": "", "redis": "", "": "", "x": "", "database": "",
	} {
		if near := nearest(got, names); near != want {
			t.Errorf("nearest to %q is %q, want %q", got, near, want)
		}
	}
}
