package workloads

import "testing"

// TestRecorded: a history's header makes the workload that it was recorded with, with fewer cells where not all were used.
func TestRecorded(t *testing.T) {
	for _, name := range Names() {
		made, err := New(name, Config{Cells: 4, Stock: 7})
		if err != nil {
			t.Fatal(err)
		}
		start := made.Init()
		again, err := Recorded(name, start, map[string]string{"cells": "2", "stock": "7", "reads": "one"})
		if err != nil || again.Name() != name || len(again.Checks()) != len(made.Checks()) {
			t.Fatalf("%s: %v", name, err)
		}
		if got := again.Init().Groups[0].Len; got > start.Groups[0].Len {
			t.Errorf("%s has %d cells, and was recorded with %d", name, got, start.Groups[0].Len)
		}
		start.Groups = nil
		if _, err := Recorded(name, start, nil); err == nil {
			t.Errorf("%s is made of a history without cells", name)
		}
	}
}
