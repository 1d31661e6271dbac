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
	"syscall"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "one short pair of each contest: shows that all of it works, not how fast it is")
	only := flag.String("only", "", "one part alone: postgres, mysql, mariadb, proxy, wire, http or engine")
	be := flag.String("be", "", "be a process that the part http needs: http-server or http-clients")
	var l httpLoad
	flag.StringVar(&l.address, "url", "", "where http-clients send requests")
	flag.IntVar(&l.connections, "connections", 1, "of http-clients")
	flag.Float64Var(&l.rate, "rate", 0, "of http-clients, requests a second that are due; 0: each as soon as its client is free")
	flag.DurationVar(&l.length, "length", time.Second, "of http-clients")
	file := flag.String("json", "", "write lastseat's figures of the first table into a file that lastseat compare reads")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	var err error
	switch *be {
	case "":
		err = run(ctx, *quick, *only, *file)
	case "http-server":
		err = serveHTTP(ctx)
	case "http-clients":
		err = sendHTTP(ctx, l, os.Stdout)
	default:
		err = fmt.Errorf("--be is %q, must be http-server or http-clients", *be)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	os.Exit(exitCode(err, *quick))
}

func run(ctx context.Context, quick bool, only, file string) error {
	b := &bench{pairs: 6, length: 2 * time.Second, record: &record{started: time.Now()}}
	if quick {
		b.pairs, b.length = 1, time.Second
	}
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
	}
	known := only == ""
	for _, p := range parts {
		known = known || p.name == only
	}
	if !known {
		return fmt.Errorf("--only is %q, must be postgres, mysql, mariadb, proxy, wire, http or engine", only)
	}
	if only != "engine" && only != "proxy" && only != "wire" && only != "http" {
		fmt.Printf("%d interleaved pairs of %v; ratio: median and its interval at 95 %%, round trips equal. Piped: the same with\n"+
			"BEGIN sent together with the transaction's first statement, and COMMIT with the journal's INSERT. CPU: of the client, an operation.\n\n", b.pairs, b.length)
		fmt.Println("| row | server | clients | lastseat ops/s | peer | peer ops/s | ratio | piped | CPU, peer's (µs) |")
		fmt.Println("|---|---|--:|--:|---|--:|--:|--:|--:|")
	}
	var errs []error
	for _, p := range parts {
		if only != "" && p.name != only || ctx.Err() != nil {
			continue
		}
		if err := p.run(ctx); err != nil {
			errs = append(errs, err) // the others have their tables
		}
	}
	if file != "" {
		errs = append(errs, b.record.save(file))
	}
	return errors.Join(errs...)
}
