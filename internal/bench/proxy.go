package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/wire"
)

// proxyTurn is short: what else the machine does drifts, and hits all ways alike then.
const proxyTurn = time.Second / 2

// proxyFigures print what the network of faults takes of a row while it breaks nothing.
func (b *bench) proxyFigures(ctx context.Context) error {
	fmt.Printf("\n%d turns of %v each way; ratio: goodput through a fault's idle network by goodput without it.\n\n", b.pairs, proxyTurn)
	fmt.Println("| row | server | clients | direct ops/s | ratio | looking for commits |\n|---|---|--:|--:|--:|--:|")
	var missing []error
	for _, e := range []struct {
		engine   store.Engine
		program  local.Program
		protocol wire.Protocol
	}{
		{postgres.Engine(), postgres.Program(), wire.Postgres()},
		{mysql.MariaDB(), mysql.Mariadbd(), wire.MySQL()},
	} {
		do := func(s *local.Server) error { return b.proxyAt(ctx, s, e.engine, e.protocol) }
		missing = append(missing, withServer(ctx, e.program, do))
	}
	return errors.Join(missing...)
}

func (b *bench) proxyAt(ctx context.Context, s *local.Server, engine store.Engine, protocol wire.Protocol) (err error) {
	server, err := engine.Open(ctx, store.OpenConfig{DSN: s.DSN(), Connections: mostClients})
	if err != nil {
		return unopened(err)
	}
	idle, looking := fault.NewNetwork(wire.Protocol{}), fault.NewNetwork(protocol)
	defer func() { err = errors.Join(err, server.Close(), idle.Close(), looking.Close()) }()
	w, err := newWorkload("transfer", cells)
	if err != nil {
		return err
	}
	var missing []error
	for _, n := range clientCounts[:1] {
		c := &contest{
			workload: w, strategy: "for-update", level: server.Info().DefaultLevel, cells: cells, clients: n, length: proxyTurn, server: server,
			defects: map[string]int{},
		}
		missing = append(missing, b.throughFaults(ctx, c, idle, looking))
	}
	return errors.Join(missing...)
}

// throughFaults takes the turns of a row, directly and by each of the routes, and prints it.
func (b *bench) throughFaults(ctx context.Context, c *contest, routes ...store.Route) error {
	by := func(route store.Route) *side {
		return &side{run: func() (pace, error) {
			c.route = route
			return c.own(ctx, c.server)
		}}
	}
	direct := by(nil)
	sides := []*side{direct}
	for _, route := range routes {
		sides = append(sides, by(route))
	}
	inTurns(b.pairs, sides...)
	info := c.server.Info().String()
	fmt.Printf("| %s/%s | %s | %d | %s |", c.workload.Name(), c.strategy, info+c.shown(), c.clients, direct)
	for _, through := range sides[1:] {
		fmt.Printf(" %s |", ratio(through.ratios(direct)))
	}
	fmt.Println()
	return trouble(fmt.Sprintf("a fault's network on %s, %d clients", info, c.clients), sides...)
}
