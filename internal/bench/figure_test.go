package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// fakePeer does what a test wants instead of the row's work.
type fakePeer func() error

func (fakePeer) String() string { return "fake" }

func (f fakePeer) run(context.Context, []*shape, int, int, time.Duration) (turn, error) {
	return turn{ran: time.Second}, f()
}

// TestPeerWithoutFigure: a peer that does nothing, or does what it should not, leaves a cell without a figure, and lastseat's own figure
// stands beside it. Only what a slow machine may do is no defect.
func TestPeerWithoutFigure(t *testing.T) {
	server, err := sqlite.Engine().Open(t.Context(), store.OpenConfig{Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	for _, try := range []struct {
		peer  fakePeer
		says  string
		quick int
		full  int
	}{
		{func() error { return slow("fake did no transaction in its time") }, "| no figure: fake did no transaction in its time |", 0, 3},
		{func() error { return nil }, "| no figure: fake did nothing in 20ms |", 0, 3},
		{func() error { return errors.New("fake: exit status 1:\nsyntax | error") }, "| no figure: fake: exit status 1: syntax / error |", 2, 2},
	} {
		b := &bench{pairs: 2, length: 20 * time.Millisecond}
		w, err := newWorkload("seats", 100)
		if err != nil {
			t.Fatal(err)
		}
		c := &contest{
			workload: w, strategy: "atomic", level: server.Info().DefaultLevel, cells: 100, clients: 2, pairs: b.pairs, length: b.length,
			defects: map[string]int{}, server: server, peer: try.peer,
		}
		row, err := c.bench(t.Context(), "SQLite")
		if !strings.Contains(row, try.says) || strings.Count(row, "no figure") != 1 || !strings.Contains(row, "| – | – |") || !strings.HasSuffix(row, ", – |") {
			t.Errorf("%s\nwant lastseat's figure, and %s", row, try.says)
		}
		if got := [2]int{exitCode(err, true), exitCode(err, false)}; got != [2]int{try.quick, try.full} {
			t.Errorf("%v: exit codes %v, want %d with --quick and %d", err, got, try.quick, try.full)
		}
	}
	if got := exitCode(errors.Join(nil, fmt.Errorf("a: %w", slow("b")), fmt.Errorf("c: %w", errors.New("d"))), true); got != 2 {
		t.Errorf("a defect beside a slow machine: exit code %d, want 2", got)
	}
}

// TestTurns: what some turns lack does not hide what the others have.
func TestTurns(t *testing.T) {
	n := 0
	steady := &side{run: func() (pace, error) { return pace{rate: 100}, nil }}
	late := &side{run: func() (pace, error) {
		if n++; n == 1 {
			return pace{}, nil
		}
		return pace{rate: 50, cpu: 3 * time.Microsecond}, nil
	}}
	inTurns(6, steady, late)
	if got, want := late.String(), "50; no figure in 1 of 6 turns: nothing was done in the time of a turn"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := late.spent() + " " + steady.spent(); got != "3 –" {
		t.Errorf("CPU an operation: %s, want 3 and nothing", got)
	}
	if got := ratio(late.ratios(steady)); got != "0.50" {
		t.Errorf("the ratio is %s, want that of five turns, which is no interval", got)
	}
}

// TestPeerPrograms: pgbench that did no transaction reports no rate, and one whose statements waited too long for locks gave up: both have
// met a slow machine. One that refuses its script has not.
func TestPeerPrograms(t *testing.T) {
	for _, try := range []struct {
		says string
		code int
		slow bool
	}{
		{"number of transactions actually processed: 0\nnumber of failed transactions: 0 (NaN%)", 0, true},
		{"pgbench: error: client 3 aborted: ERROR:  canceling statement due to lock timeout", 2, true},
		{`pgbench: error: client 0 aborted: ERROR:  relation "cells" does not exist`, 2, false},
		{"number of transactions actually processed: 7\nnumber of failed transactions: 0", 0, false},
		{"", 0, false},
	} {
		program := filepath.Join(t.TempDir(), "pgbench")
		text := fmt.Sprintf("#!/bin/sh\ncat <<'END'\n%s\nEND\nexit %d\n", try.says, try.code)
		if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		p := &pgbench{program: program, dsn: "postgres://a:b@127.0.0.1:1/c", options: []string{"a=b"}}
		_, err := p.run(t.Context(), nil, cells, 2, time.Second)
		if err == nil || isSlow(err) != try.slow {
			t.Errorf("%q: %v, want an error that is slow: %t", try.says, err, try.slow)
		}
	}
}
