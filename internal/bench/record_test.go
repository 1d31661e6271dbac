package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/compared"
	"github.com/lastseat/lastseat/targets/memory"
)

// TestRecordsAreCompared: what --json writes is what lastseat compare reads, row by row.
func TestRecordsAreCompared(t *testing.T) {
	server, err := memory.Engine().Open(t.Context(), store.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range []string{"old.json", "new.json"} {
		w, err := newWorkload("seats", cells)
		if err != nil {
			t.Fatal(err)
		}
		c := &contest{workload: w, strategy: "mutex", level: server.Info().DefaultLevel, cells: cells, clients: 2, length: 1e7, server: server, defects: map[string]int{}}
		c.runs = map[bool][]*engine.Report{}
		for range 3 {
			if _, err := c.own(t.Context(), server); err != nil {
				t.Fatal(err)
			}
		}
		r := &record{}
		r.add("memory-on", "memory", c.runs[false])
		r.add("memory-on-piped", "memory", c.runs[true]) // it has no turns
		path := filepath.Join(t.TempDir(), name)
		if err := r.save(path); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	r, err := compared.Sides(files[:1], files[1:], nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || !strings.Contains(r.Rows[0].Name, "memory-on/mutex") || r.Samples() != 3 || len(r.Rows[0].Figures) == 0 {
		t.Errorf("%d samples; %+v", r.Samples(), r.Rows)
	}
}
