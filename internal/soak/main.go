// Command soak runs lastseat on rows drawn at random, for as long as it is told, and fails if any row ends as it should not: unsafe
// where safe was promised, or stopped by an error. scripts/soak builds both programs and calls it.
//
// Draw number i of a seed is always the same command (draw.go); what it showed is judged from its JSON and its exit code (judge.go).
// What failed is kept: command, output, JSON and histories. Rows that cannot be combined are skipped by lastseat and count for nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lastseat/lastseat/targets"
)

func main() {
	s := soak{out: os.Stdout}
	minutes := flag.Float64("minutes", 0, "how long to go on; the run under way at the end is finished")
	flag.Uint64Var(&s.seed, "seed", rand.Uint64N(1_000_000), "seed of all draws")
	flag.StringVar(&s.program, "program", "", "the lastseat to be run")
	flag.StringVar(&s.keep, "keep", "", "folder for what failed (default soak-SEED)")
	flag.DurationVar(&s.limit, "limit", 5*time.Minute, "the longest that one run may take: what takes longer hangs")
	engines := flag.String("target", "", "engines to draw from (default all); servers of one's own go by LASTSEAT_POSTGRES_DSN and the like")
	flag.Parse()
	if s.keep == "" {
		s.keep = fmt.Sprintf("soak-%d", s.seed)
	}
	var err error
	if s.engines, err = named(*engines); err == nil && (flag.NArg() > 0 || *minutes <= 0 || s.program == "") {
		err = fmt.Errorf("want --minutes above 0 and --program, and nothing else than flags: ./scripts/soak MINUTES [--seed N] [--target a,b]")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(exitSetup)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := s.run(ctx, time.Duration(*minutes*float64(time.Minute)))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
	}
	os.Exit(code)
}

// named are the engines of a comma list; empty: all but clusters.
func named(list string) ([]engine, error) {
	var picked []engine
	var known []string
	wanted := strings.Split(list, ",")
	for _, e := range targets.Table() {
		known = append(known, e.Name)
		if list == "" && e.Cluster == "" || slices.Contains(wanted, e.Name) {
			picked = append(picked, newEngine(&e))
		}
	}
	for _, name := range wanted {
		if list != "" && !slices.Contains(known, name) {
			return nil, fmt.Errorf("--target: unknown engine %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return picked, nil
}
