// Command generate writes a history of transactions as EDN, as Jepsen and Elle read it, so that checkers can be measured on the same
// histories:
//
//	go run ./internal/generate --transactions 10000 --store serial --distribution zipfian > blind.edn
//	lastseat check --workload register blind.edn
//
// Registers are written blindly (draw.Blind). With --workload append they are lists, drawn as Elle's generator does (draw.Rotating).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/internal/draw"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(2)
	}
}

// run writes the history that the arguments ask for.
func run(args []string, out, help io.Writer) error {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(help)
	var b draw.Blind
	flags.IntVar(&b.Transactions, "transactions", 10_000, "how many transactions end")
	flags.IntVar(&b.Sessions, "sessions", 20, "how many of them run at once")
	flags.IntVar(&b.Steps, "operations", 8, "reads and writes of a transaction")
	flags.IntVar(&b.Keys, "keys", 10_000, "how many keys there are")
	distribution := flags.String("distribution", "uniform", "of keys: uniform or zipfian")
	store := flags.String("store", string(draw.Serial), "serial, snapshot or broken (serial, but one read in a thousand misses the last write)")
	workload := flags.String("workload", "register", "register, or append: lists, of which --transactions, --store serial and broken, and --seed count")
	seed := flags.Uint64("seed", 1, "a seed gives the same history always")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.Store, b.Zipfian = draw.Store(*store), *distribution == "zipfian"
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q: there are only flags", flags.Arg(0))
	case min(b.Transactions, b.Sessions, b.Steps, b.Keys) < 1:
		return errors.New("--transactions, --sessions, --operations and --keys are 1 or more")
	case *distribution != "uniform" && !b.Zipfian:
		return fmt.Errorf("--distribution %s: uniform or zipfian", *distribution)
	case !slices.Contains(draw.Stores(), b.Store):
		return fmt.Errorf("--store %s: one of %v", *store, draw.Stores())
	}
	switch {
	case *workload == "register":
		return history.WriteEDN(out, b.Draw(*seed))
	case *workload != "append":
		return fmt.Errorf("--workload %s: register or append", *workload)
	case b.Store == draw.Snapshot:
		return errors.New("--store snapshot: lists are of a serial or a broken store")
	}
	lists := draw.Rotating{Kind: history.Lists, Transactions: b.Transactions}
	if b.Store == draw.Broken {
		lists.Slip = 1
	}
	return history.WriteEDN(out, lists.Draw(*seed))
}
