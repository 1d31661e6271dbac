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
const proxyTurn = time.Second

// proxyFigures print what the fault proxy takes of a row while it breaks nothing: goodput through it by goodput without it, by turns.
func (b *bench) proxyFigures(ctx context.Context) error {
	fmt.Printf("\n%d turns of %v each way; ratio: goodput through the fault proxy by goodput without it.\n\n", b.pairs, proxyTurn)
	fmt.Println("| row | server | clients | direct ops/s | through the idle proxy | ratio | looking for commits |\n|---|---|--:|--:|--:|--:|--:|")
	for _, e := range []struct {
		engine   store.Engine
		program  local.Program
		protocol wire.Protocol
	}{
		{postgres.Engine(), postgres.Program(), wire.Postgres()},
		{mysql.MariaDB(), mysql.Mariadbd(), wire.MySQL()},
	} {
		do := func(s *local.Server) error { return b.proxyAt(ctx, s, e.engine, e.protocol) }
		if err := withServer(ctx, e.program, do); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) proxyAt(ctx context.Context, s *local.Server, engine store.Engine, protocol wire.Protocol) (err error) {
	server, err := engine.Open(ctx, store.OpenConfig{DSN: s.DSN(), Connections: mostClients})
	if err != nil {
		return err
	}
	idle, looking := fault.NewProxy(wire.Protocol{}), fault.NewProxy(protocol)
	defer func() { err = errors.Join(err, server.Close(), idle.Close(), looking.Close()) }()
	w, err := newWorkload("transfer", cells)
	if err != nil {
		return err
	}
	for _, n := range clientCounts {
		c := &contest{
			workload: w, strategy: "for-update", level: server.Info().DefaultLevel, cells: cells, clients: n, length: proxyTurn, server: server,
			defects: map[string]int{},
		}
		if err := b.throughProxy(ctx, c, idle, looking); err != nil {
			return fmt.Errorf("the fault proxy on %s: %w", server.Info(), err)
		}
	}
	return nil
}

// throughProxy takes the turns of a row, each way first in every third.
func (b *bench) throughProxy(ctx context.Context, c *contest, idle, looking *fault.Proxy) error {
	var direct, through, ratios, watched []float64
	for turn := range b.pairs {
		var ops [3]float64
		routes := [...]store.Route{nil, idle, looking}
		for i := range routes {
			way := (i + turn) % len(routes)
			c.route = routes[way]
			var err error
			if ops[way], err = c.own(ctx, c.server); err != nil {
				return err
			}
		}
		direct, through = append(direct, ops[0]), append(through, ops[1])
		ratios, watched = append(ratios, ops[1]/ops[0]), append(watched, ops[2]/ops[0])
	}
	fmt.Printf("| %s/%s | %s | %d | %.0f | %.0f | %s | %s |\n", c.workload.Name(), c.strategy, c.server.Info().String()+c.shown(), c.clients,
		summary(direct).Center, summary(through).Center, ratio(summary(ratios)), ratio(summary(watched)))
	return nil
}
