package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// server is one whose statements can be rehearsed, and which is never connected to.
func server(t *testing.T, d *sqldb.Dialect) *sqldb.Server {
	t.Helper()
	s, err := sqldb.NewServer(t.Context(), sqldb.Config{
		Dialect: d, Info: store.ServerInfo{Connections: 1},
		Isolation: func(l harness.Level) promise.Isolation { return promise.Isolation{Level: l} },
		Connect: func(context.Context, store.Route) (sqldb.Conn, error) {
			return newTake(&harness.Op{Steps: make([]harness.Step, 1)}, false), nil
		},
		Drop: func(context.Context) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	returning = &sqldb.Dialect{Numbered: true, Begin: "BEGIN", ForUpdate: "FOR UPDATE", Returning: true}
	generated = &sqldb.Dialect{Begin: "START TRANSACTION", ForUpdate: "FOR UPDATE"}
)

func shapes(t *testing.T, d *sqldb.Dialect, workload, strategy string) ([]*shape, error) {
	t.Helper()
	w, err := newWorkload(workload, cells)
	if err != nil {
		t.Fatal(err)
	}
	return shapesOf(t.Context(), server(t, d), w, strategy, harness.ReadCommitted)
}

// TestScripts: the peers' scripts, as the strategies' own statements make them.
func TestScripts(t *testing.T) {
	for _, row := range [][2]string{{"transfer", "for-update"}, {"seats", "atomic"}, {"seats", "for-update"}} {
		all, err := shapes(t, returning, row[0], row[1])
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, s := range all {
			script, err := s.pgbenchScript(cells)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "-- %s, weight %d\n%s\n", s.name, s.weight, script)
		}
		golden(t, row[0]+"-"+row[1]+".sql", b.String())
	}
	all, err := shapes(t, generated, "transfer", "for-update")
	if err != nil {
		t.Fatal(err)
	}
	script, err := sysbenchScript(all, cells)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "transfer-for-update.lua", script)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestNoScript: where a script cannot know what the strategy knows, there is none.
func TestNoScript(t *testing.T) {
	if _, err := shapes(t, generated, "seats", "atomic"); !errors.Is(err, errShape) {
		t.Errorf("a journal that needs the generated ID: %v", err)
	}
	if _, err := shapes(t, returning, "seats", "no-such"); !errors.Is(err, errShape) {
		t.Errorf("no such strategy: %v", err)
	}
}

// TestMeanings: the simplest meaning that holds every time is kept, and what holds once only is not.
func TestMeanings(t *testing.T) {
	take := func(id, cell, arg int64) *take {
		op := &harness.Op{ID: id, Steps: []harness.Step{{Kind: harness.Add, Cell: harness.Cell(cell), Delta: 100}}}
		k := newTake(op, false)
		if _, err := k.Exec(t.Context(), "UPDATE t SET v = ?", arg); err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := take(500, 400, 500) // the ID, or the cell and the amount
	if err := a.agree(take(7, 31, 131)); err != nil {
		t.Fatal(err)
	}
	got := a.statements[0].args[0]
	want := expr{first: "c0", second: "amount"}
	if !slices.Contains(got, want) || len(got) != 1 {
		t.Errorf("%+v, want only %+v", got, want)
	}
	if err := a.agree(take(7, 31, 999)); err == nil {
		t.Error("an argument that means nothing was accepted")
	}
}

// TestReadPgbench: its report is taken apart, and failed transactions are no result.
func TestReadPgbench(t *testing.T) {
	report := func(failed int) string {
		return fmt.Sprintf(`number of transactions actually processed: 1000
number of failed transactions: %d (0.000%%)
tps = 500.0 (without initial connection time)
SQL script 1: /x/1-read.sql
 - weight: 1 (targets 10.0%% of total)
 - 90 transactions (9.0%% of total, tps = 45.0)
SQL script 2: /x/0-buy.sql
 - weight: 9 (targets 90.0%% of total)
 - 910 transactions (91.0%% of total, tps = 455.0)
`, failed)
	}
	all := []*shape{{name: "buy", cells: 1}, {name: "read"}}
	did, err := readPgbench(report(0), all)
	if err != nil || did.reads != 90 || did.ran.Seconds() != 2 {
		t.Errorf("%d reads in %v, %v", did.reads, did.ran, err)
	}
	if _, err := readPgbench(report(3), all); err == nil {
		t.Error("failed transactions were accepted")
	}
}
