package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// growthTurns is how often each history is judged; the table has the turn that took the least CPU time, which others on the machine hindered least.
const growthTurns = 3

// million is from more than how many operations on a history is judged once.
const million = 1_000_000

// checkFigures print what `lastseat check` takes of histories each ten times as large as the one before. With most there is one of ten million
// transactions, too, which alone takes longer than all others.
func checkFigures(ctx context.Context, quick, most bool) (err error) {
	folder, err := local.NewFolder("lastseat-check-")
	if err != nil {
		return fmt.Errorf("make a folder for histories: %w", err)
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	sizes, turns := []int{10_000, 100_000, million}, growthTurns
	switch {
	case quick:
		sizes, turns = sizes[:1], 1
	case most:
		sizes = append(sizes, 10*million)
	}
	fmt.Printf("\nlastseat check, the whole command; of %d turns (of ten millions, one) the one that took the least CPU time. EDN: list-append, strict-serializable, `go run ./internal/generate\n"+
		"--workload append`. lastseat's own: transfers, `lastseat run --target memory --workload transfer --strategy striped -n N --out DIR`.\n\n", turns)
	fmt.Println("| history | operations | size | clock | CPU | CPU an operation | peak memory |\n|---|--:|--:|--:|--:|--:|--:|")
	program, err := buildLastseat(ctx, folder)
	if err != nil {
		fmt.Printf("| – | no figure: %s | | | | | |\n", oneLine(err.Error()))
		return err
	}
	g := growth{dir: folder.Path(), program: program, turns: turns}
	var missing []error
	for _, kind := range []struct {
		name string
		make func(ctx context.Context, n int) (string, error)
	}{{"EDN", g.edn}, {"lastseat's own", g.own}} {
		for _, n := range sizes {
			if n > million && kind.name != "EDN" { // whose operations are half as large, and its journal with them
				continue
			}
			missing = append(missing, g.row(ctx, kind.name, n, kind.make))
		}
	}
	return errors.Join(missing...)
}

// growth judges histories with a program.
type growth struct {
	dir, program string
	turns        int
}

// row makes a history of n operations, judges it, and prints what that took.
func (g *growth) row(ctx context.Context, name string, n int, history func(context.Context, int) (string, error)) error {
	t, size, err := g.judge(ctx, n, history)
	if err != nil {
		fmt.Printf("| %s | %d | no figure: %s | | | | |\n", name, n, oneLine(err.Error()))
		return fmt.Errorf("lastseat check, %s of %d operations: %w", name, n, err)
	}
	fmt.Printf("| %s | %d | %.0f MB | %.2f s | %.2f s | %.1f µs | %s |\n", name, n, float64(size)/1e6, t.clock.Seconds(), t.cpu.Seconds(),
		t.cpu.Seconds()*1e6/float64(n), t.peak())
	return nil
}

// spent is what a command took.
type spent struct {
	clock, cpu time.Duration
	memory     int64 // bytes at most; 0: this system does not say
}

func (s *spent) peak() string {
	if s.memory == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f MB", float64(s.memory)/1e6)
}

func (g *growth) judge(ctx context.Context, n int, history func(context.Context, int) (string, error)) (least spent, size int64, err error) {
	path, err := history(ctx, n)
	if err != nil {
		return least, 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	info, err := os.Stat(path)
	if err != nil {
		return least, 0, fmt.Errorf("the history: %w", err)
	}
	turns := g.turns
	if n > million {
		turns = 1
	}
	for i := range turns {
		t, err := spend(ctx, g.program, "check", path)
		if err != nil {
			return least, 0, err
		}
		if i == 0 || t.cpu < least.cpu {
			least = t
		}
	}
	return least, info.Size(), nil
}

// spend runs a command, and answers what it took.
func spend(ctx context.Context, program string, args ...string) (spent, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	forgetPeak()
	from := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return spent{}, fmt.Errorf("lastseat %s: %w:\n%s", args[0], err, out)
	}
	p := cmd.ProcessState
	return spent{clock: time.Since(from), cpu: p.UserTime() + p.SystemTime(), memory: peakMemory(p)}, nil
}

// edn writes a history of n transactions on lists, in a process of its own: it takes much memory.
func (g *growth) edn(ctx context.Context, n int) (path string, err error) {
	path = filepath.Join(g.dir, strconv.Itoa(n)+".edn")
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("a history: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "run", "./internal/generate", "--workload", "append", "--transactions", strconv.Itoa(n))
	cmd.Stdout, cmd.Stderr = f, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("generate: %w:\n%s", err, &said)
	}
	return path, nil
}

// own has lastseat record n transfers.
func (g *growth) own(ctx context.Context, n int) (string, error) {
	out := filepath.Join(g.dir, strconv.Itoa(n))
	cmd := exec.CommandContext(ctx, g.program, "run", "--target", "memory", "--workload", "transfer", "--strategy", "striped", "-c", "8", "-n", strconv.Itoa(n), "--out", out)
	if printed, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("lastseat run: %w:\n%s", err, printed)
	}
	found, err := filepath.Glob(filepath.Join(out, "histories", "*-striped-*"))
	if err != nil || len(found) != 1 {
		return "", errors.Join(err, fmt.Errorf("lastseat run left no single history of the row: %v", slices.Sorted(slices.Values(found))))
	}
	return found[0], nil
}
