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
		return err
	}
	idle, looking := fault.NewProxy(wire.Protocol{}), fault.NewProxy(protocol)
	defer func() { err = errors.Join(err, server.Close(), idle.Close(), looking.Close()) }()
	w, err := newWorkload("transfer", cells)
	if err != nil {
		return err
	}
	var missing []error
	for _, n := range clientCounts {
		c := &contest{
			workload: w, strategy: "for-update", level: server.Info().DefaultLevel, cells: cells, clients: n, length: proxyTurn, server: server,
			defects: map[string]int{},
		}
		missing = append(missing, b.throughProxy(ctx, c, idle, looking))
	}
	return errors.Join(missing...)
}

// throughProxy takes the turns of a row, and prints it.
func (b *bench) throughProxy(ctx context.Context, c *contest, idle, looking *fault.Proxy) error {
	by := func(route store.Route) *side {
		return &side{run: func() (pace, error) {
			c.route = route
			return c.own(ctx, c.server)
		}}
	}
	direct, through, watched := by(nil), by(idle), by(looking)
	inTurns(b.pairs, direct, through, watched)
	info := c.server.Info().String()
	fmt.Printf("| %s/%s | %s | %d | %s | %s | %s | %s |\n", c.workload.Name(), c.strategy, info+c.shown(), c.clients,
		direct, through, ratio(through.ratios(direct)), ratio(watched.ratios(direct)))
	return trouble(fmt.Sprintf("the fault proxy on %s, %d clients", info, c.clients), direct, through, watched)
}
