package main

import "testing"

// TestRun: the program runs its table to the end.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 s; run without -short")
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
}
