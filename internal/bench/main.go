// Command bench prints the figures of speed: the goodput of lastseat beside that of the field's own load generators, which run
// the very statements of the same row in the same tables, and the engine's figures without a store. scripts/bench calls it.
// The scripts of pgbench and sysbench are made from what the strategies send: start at shape.go. The contest is pair.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "one short pair of each contest: shows that all of it works, not how fast it is")
	pairs := flag.Int("pairs", 6, "turns of each side; of many, the interval is narrow")
	only := flag.String("only", "", "one part alone: postgres, mysql, mariadb, proxy, wire, http, engine or check, which then judges ten million transactions, too")
	be := flag.String("be", "", "be a process that the parts http and wire need: http-server, shop or http-clients")
	var l httpLoad
	flag.StringVar(&l.address, "url", "", "where http-clients send requests")
	flag.IntVar(&l.connections, "connections", 1, "of http-clients")
	flag.Float64Var(&l.rate, "rate", 0, "of http-clients, requests a second that are due; 0: each as soon as its client is free")
	flag.DurationVar(&l.length, "length", time.Second, "of http-clients")
	file := flag.String("json", "", "write lastseat's figures of the first table into a file that lastseat compare reads")
	flag.Parse()
	if *quick {
		*pairs = 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	var err error
	switch *be {
	case "":
		err = run(ctx, *quick, *pairs, *only, *file)
	case "http-server":
		err = serveHTTP(ctx)
	case "shop":
		err = serveShop(ctx)
	case "http-clients":
		err = sendHTTP(ctx, l, os.Stdout)
	default:
		err = fmt.Errorf("--be is %q, must be http-server, shop or http-clients", *be)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	os.Exit(exitCode(err, *quick))
}

func run(ctx context.Context, quick bool, pairs int, only, file string) error {
	if pairs < 1 {
		return fmt.Errorf("--pairs is %d, must be at least 1", pairs)
	}
	b := &bench{pairs: pairs, length: time.Second, record: &record{started: time.Now()}}
	parts := []struct {
		name string
		run  func(context.Context) error
	}{
		{"postgres", b.postgres},
		{"mysql", b.mysql},
		{"mariadb", b.mariadb},
		{"proxy", b.proxyFigures},
		{"wire", b.wireFigures},
		{"http", b.httpFigures},
		{"engine", func(ctx context.Context) error { return engineFigures(ctx, quick) }},
		{"check", func(ctx context.Context) error { return checkFigures(ctx, quick, only == "check") }},
	}
	known := only == ""
	for _, p := range parts {
		known = known || p.name == only
	}
	if !known {
		return fmt.Errorf("--only is %q, must be postgres, mysql, mariadb, proxy, wire, http, engine or check", only)
	}
	if only == "" || slices.Contains([]string{"postgres", "mysql", "mariadb"}, only) {
		fmt.Printf("%d interleaved pairs of %v; ratio: median and its interval at 95 %%, round trips equal. Piped: the same with\n"+
			"BEGIN sent together with the transaction's first statement, and COMMIT with the journal's INSERT. CPU: of the client, an operation.\n\n", b.pairs, b.length)
		fmt.Println("| row | server | clients | lastseat ops/s | peer | peer ops/s | ratio | piped | CPU, peer's (µs) |")
		fmt.Println("|---|---|--:|--:|---|--:|--:|--:|--:|")
	}
	var errs []error
	var took []string
	for _, p := range parts {
		if only != "" && p.name != only || ctx.Err() != nil {
			continue
		}
		from := time.Now()
		run := p.run
		if only == "" {
			run = limited(run)
		}
		if err := run(ctx); err != nil {
			errs = append(errs, err) // the others have their tables
		}
		took = append(took, fmt.Sprintf("%s %.0f s", p.name, time.Since(from).Seconds()))
	}
	fmt.Printf("\nThis took: %s.\n", strings.Join(took, ", "))
	if file != "" {
		errs = append(errs, b.record.save(file))
	}
	return errors.Join(errs...)
}

// partLimit is how long a part may take: several times as long as it does. A server that no longer answers then keeps nobody from the other tables.
const partLimit = 6 * time.Minute

// limited is a part within its limit.
func limited(part func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		within, cancel := context.WithTimeout(ctx, partLimit)
		defer cancel()
		err := part(within)
		if err != nil && ctx.Err() == nil && within.Err() != nil {
			return slow("stopped after %v: %v", partLimit, err)
		}
		return err
	}
}
