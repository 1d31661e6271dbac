package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/lastseat/lastseat/targets/local"
)

// engineFigures prints what the engine and the checkers need, and how soon the first row is there. quick runs everything
// once: it shows that it works, and its figures mean nothing.
func engineFigures(ctx context.Context, quick bool) error {
	few, many, once := "1000000x", "10000000x", "5x"
	if quick {
		few, many, once = "100x", "1000x", "1x"
	}
	short, err := benchmarks(ctx, "./harness/engine", "^BenchmarkEngine$", few)
	if err != nil {
		return err
	}
	long, err := benchmarks(ctx, "./harness/engine", "^BenchmarkEngine$", many)
	if err != nil {
		return err
	}
	million, err := benchmarks(ctx, "./harness/check", "^BenchmarkMillion$/^all$", once)
	if err != nil {
		return err
	}
	took, err := firstRow(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n| figure | measured |\n|---|---|\n")
	for _, op := range []string{"buy", "transfer"} {
		f := long["Engine/"+op]
		fmt.Printf("| a recorded %s in the engine alone, the target doing nothing | %.0f ns, %.0f allocations, %.0f B kept |\n",
			op, f["loop-ns/op"], f["allocs/op"], f["kept-B/op"])
	}
	fmt.Printf("| ten times the operations, set-up and judging included: time, memory kept | %.1f×, %.1f× |\n",
		10*long["Engine/buy"]["ns/op"]/short["Engine/buy"]["ns/op"], 10*long["Engine/buy"]["kept-B/op"]/short["Engine/buy"]["kept-B/op"])
	fmt.Printf("| a million recorded operations checked for all invariants | %.2f s |\n", million["Million/all"]["ns/op"]/1e9)
	fmt.Printf("| first row of the default, from the program's start | %.2f s |\n", took.Seconds())
	return nil
}

// benchmarks runs Go benchmarks, and answers their figures by name and unit.
func benchmarks(ctx context.Context, pkg, pattern, length string) (map[string]map[string]float64, error) {
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchmem", "-benchtime", length, pkg).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test %s: %w:\n%s", pkg, err, out)
	}
	found := map[string]map[string]float64{}
	r := benchfmt.NewReader(bytes.NewReader(out), pkg)
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		figures := map[string]float64{}
		for _, v := range res.Values {
			if v.OrigUnit != "" {
				v.Value, v.Unit = v.OrigValue, v.OrigUnit
			}
			figures[v.Unit] = v.Value
		}
		name, _, _ := strings.Cut(res.Name.String(), "-") // of GOMAXPROCS
		found[name] = figures
	}
	if r.Err() != nil || len(found) == 0 {
		return nil, errors.Join(r.Err(), fmt.Errorf("no benchmark ran in %s:\n%s", pkg, out))
	}
	return found, nil
}

// firstRow is how long the program takes for the first row that it runs by default, its verdict included.
func firstRow(ctx context.Context) (took time.Duration, err error) {
	folder, err := local.NewFolder("lastseat-bench-")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the program: %w", err)
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	program := filepath.Join(folder.Path(), "lastseat")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/lastseat").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build lastseat: %w:\n%s", err, out)
	}
	from := time.Now()
	out, err := exec.CommandContext(ctx, program, "run", "--target", "memory", "--workload", "seats", "--strategy", "naive").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("lastseat run: %w:\n%s", err, out)
	}
	return time.Since(from), nil
}
