package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

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
	short, shortErr := benchmarks(ctx, "./harness/engine", "^BenchmarkEngine$", few)
	long, longErr := benchmarks(ctx, "./harness/engine", "^BenchmarkEngine$", many)
	million, millionErr := benchmarks(ctx, "./harness/check", "^BenchmarkMillion$/^all$", once)
	version, first, tookErr := ownCost(ctx)
	line := func(figure string, err error, format string, args ...any) {
		measured := fmt.Sprintf(format, args...)
		if err != nil {
			measured = "no figure: " + oneLine(err.Error())
		}
		fmt.Printf("| %s | %s |\n", figure, measured)
	}
	fmt.Printf("\n| figure | measured |\n|---|---|\n")
	for _, op := range []string{"buy", "transfer"} {
		f := long["Engine/"+op]
		line(fmt.Sprintf("a recorded %s in the engine alone, the target doing nothing", op), longErr,
			"%.0f ns, %.0f allocations, %.0f B kept", f["loop-ns/op"], f["allocs/op"], f["kept-B/op"])
	}
	for _, op := range []string{"buy", "transfer"} {
		disk, memory := long["Engine/"+op+"_on_disk"]["loop-ns/op"], long["Engine/"+op]["loop-ns/op"]
		line("the same "+op+" with all of the history on disk, as a share of the time in memory", longErr, "%.2f", disk/memory)
	}
	line("ten times the operations, set-up and judging included: time, memory kept", errors.Join(shortErr, longErr), "%.1f×, %.1f×",
		10*long["Engine/buy"]["ns/op"]/short["Engine/buy"]["ns/op"], 10*long["Engine/buy"]["kept-B/op"]/short["Engine/buy"]["kept-B/op"])
	line("a million recorded operations checked for all invariants", millionErr, "%.2f s", million["Million/all"]["ns/op"]/1e9)
	line("lastseat begins and ends (lastseat version), of 20 times the one in the middle: clock, CPU", tookErr, "%.0f ms, %.0f ms",
		version.clock.Seconds()*1000, version.cpu.Seconds()*1000)
	line("first row of the default, from the program's start: clock, CPU", tookErr, "%.2f s, %.2f s", first.clock.Seconds(), first.cpu.Seconds())
	return errors.Join(shortErr, longErr, millionErr, tookErr)
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

// ownCost is what the program takes to begin and end, and for the first row that it runs by default, its verdict included.
func ownCost(ctx context.Context) (version, first spent, err error) {
	folder, err := local.NewFolder("lastseat-bench-")
	if err != nil {
		return version, first, fmt.Errorf("make a folder for the program: %w", err)
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	program, err := buildLastseat(ctx, folder)
	if err != nil {
		return version, first, err
	}
	var starts []spent
	for range 20 {
		took, err := spend(ctx, program, "version")
		if err != nil {
			return version, first, err
		}
		starts = append(starts, took)
	}
	slices.SortFunc(starts, func(a, b spent) int { return cmp.Compare(a.cpu, b.cpu) })
	first, err = spend(ctx, program, "run", "--target", "memory", "--workload", "seats", "--strategy", "naive")
	return starts[len(starts)/2], first, err
}

// buildLastseat builds the program into a folder.
func buildLastseat(ctx context.Context, folder *local.Folder) (program string, err error) {
	program = filepath.Join(folder.Path(), "lastseat")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/lastseat").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build lastseat: %w:\n%s", err, out)
	}
	return program, nil
}
