package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
)

// engineBenchmarks are the Go benchmarks of what needs no server, by package.
var engineBenchmarks = [...][2]string{{"./harness", "^BenchmarkEngine$"}, {"./harness/check", "^BenchmarkMillion$"}}

// engineFigures prints what the engine and the checkers need, and how soon the first row is there.
func engineFigures(ctx context.Context, quick bool) error {
	fmt.Printf("\n| benchmark | figures |\n|---|---|\n")
	for _, b := range engineBenchmarks {
		args := []string{"test", "-run", "^$", "-bench", b[1], "-benchmem"}
		if quick {
			args = append(args, "-benchtime", "1x")
		}
		out, err := exec.CommandContext(ctx, "go", append(args, b[0])...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test %s: %w:\n%s", b[0], err, out)
		}
		if err := printBenchmarks(out, b[0]); err != nil {
			return err
		}
	}
	took, err := firstRow(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("| first row of the default, from the program's start | %v |\n", took.Round(time.Millisecond))
	return nil
}

// printBenchmarks prints a line for each result of `go test -bench`.
func printBenchmarks(out []byte, name string) error {
	r := benchfmt.NewReader(bytes.NewReader(out), name)
	n := 0
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		n++
		var values []string
		for _, v := range res.Values {
			if v.OrigUnit != "" {
				v.Value, v.Unit = v.OrigValue, v.OrigUnit
			}
			values = append(values, fmt.Sprintf("%.4g %s", v.Value, v.Unit))
		}
		fmt.Printf("| %s | %s |\n", res.Name, strings.Join(values, ", "))
	}
	if r.Err() != nil || n == 0 {
		return errors.Join(r.Err(), fmt.Errorf("no benchmark ran in %s:\n%s", name, out))
	}
	return nil
}

// firstRow is how long the program takes for the first row that it runs by default, its verdict included.
func firstRow(ctx context.Context) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "lastseat-bench-")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the program: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is in the system's temporary folder
	program := filepath.Join(dir, "lastseat")
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
