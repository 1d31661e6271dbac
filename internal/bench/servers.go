package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// bench goes through all contests, each server started for it and thrown away.
type bench struct {
	pairs  int
	length time.Duration
	record *record
}

// cells is how many items or accounts there are: enough that clients seldom meet.
const cells = 1000

// clientCounts are the numbers of clients.
var clientCounts = [...]int{8, 64}

const mostClients = 64

// postgres sets transfer/for-update and seats/atomic against pgbench.
func (b *bench) postgres(ctx context.Context) error {
	return withServer(ctx, postgres.Program(), func(s *local.Server) error {
		return errors.Join(b.postgresAt(ctx, s, "on"), b.postgresAt(ctx, s, "off"))
	})
}

func (b *bench) postgresAt(ctx context.Context, s *local.Server, sync string) (err error) {
	cfg := store.OpenConfig{DSN: s.DSN() + "&synchronous_commit=" + sync, Connections: mostClients}
	server, err := postgres.Engine().Open(ctx, cfg)
	if err != nil {
		return unopened(err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	admin, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return fmt.Errorf("connect to the throwaway server: %w", err)
	}
	defer func() { err = errors.Join(err, admin.Close(context.WithoutCancel(ctx))) }()
	var schema string
	if err := admin.QueryRow(ctx, `SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'lastseat\_%'`).Scan(&schema); err != nil {
		return fmt.Errorf("find the run's schema: %w", err)
	}
	cfg.PipeBegin, cfg.PipeCommit = true, true
	pipes, err := postgres.Engine().Open(ctx, cfg)
	if err != nil {
		return unopened(err)
	}
	defer func() { err = errors.Join(err, pipes.Close()) }()
	peer := &pgbench{program: "pgbench", dsn: s.DSN(), options: []string{
		"search_path=" + schema, "synchronous_commit=" + sync, "lock_timeout=5s",
	}}
	var missing []error
	for _, row := range [][2]string{{"transfer", "for-update"}, {"seats", "atomic"}} {
		c := &contest{strategy: row[1], level: server.Info().DefaultLevel, server: server, pipes: pipes, peer: peer, target: "postgres-sync-" + sync}
		where := fmt.Sprintf("%s, synchronous_commit %s", server.Info(), sync)
		missing = append(missing, b.contests(ctx, c, row[0], where))
	}
	return errors.Join(missing...)
}

// mysql sets transfer/for-update against sysbench.
func (b *bench) mysql(ctx context.Context) error {
	return withServer(ctx, mysql.Mysqld(), func(s *local.Server) error { return b.mysqlAt(ctx, s, mysql.MySQL()) })
}

// mariadb sets the same.
func (b *bench) mariadb(ctx context.Context) error {
	return withServer(ctx, mysql.Mariadbd(), func(s *local.Server) error { return b.mysqlAt(ctx, s, mysql.MariaDB()) })
}

func (b *bench) mysqlAt(ctx context.Context, s *local.Server, product store.Engine) (err error) {
	server, err := product.Open(ctx, store.OpenConfig{DSN: s.DSN(), Connections: mostClients})
	if err != nil {
		return unopened(err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	admin, err := sql.Open("mysql", s.DSN())
	if err != nil {
		return fmt.Errorf("connect to the throwaway server: %w", err)
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	var database string
	if err := admin.QueryRowContext(ctx, `SHOW DATABASES LIKE 'lastseat\_%'`).Scan(&database); err != nil {
		return fmt.Errorf("find the run's database: %w", err)
	}
	c := &contest{
		strategy: "for-update", level: server.Info().DefaultLevel, server: server,
		peer: &sysbench{dsn: s.DSN(), database: database}, target: product.Name,
	}
	return b.contests(ctx, c, "transfer", server.Info().String())
}

// contests runs c with each number of clients, and prints a row of each.
func (b *bench) contests(ctx context.Context, c *contest, workload, where string) error {
	w, err := newWorkload(workload, cells)
	if err != nil {
		return err
	}
	c.workload, c.cells, c.pairs, c.length = w, cells, b.pairs, b.length
	var missing []error
	for _, n := range clientCounts {
		if ctx.Err() != nil {
			return errors.Join(append(missing, ctx.Err())...)
		}
		c.clients, c.defects = n, map[string]int{}
		c.record, c.runs = b.record, map[bool][]*engine.Report{}
		row, err := c.bench(ctx, where)
		fmt.Println(row)
		missing = append(missing, err)
	}
	return errors.Join(missing...)
}

// unopened prints a row that says why a server that cannot be used has no figure.
func unopened(err error) error {
	fmt.Printf("| – | no figure: %s | | | | | | | |\n", oneLine(err.Error()))
	return err
}

// withServer starts a throwaway server for do; without a program there is nothing to do.
func withServer(ctx context.Context, program local.Program, do func(*local.Server) error) error {
	binary, err := local.Find(ctx, program)
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		fmt.Printf("| – | %s | | | | | | | |\n", missing.Hint)
		return nil
	}
	if err != nil {
		return err
	}
	s, err := local.Start(ctx, binary, local.Options{})
	if err != nil {
		return unopened(err)
	}
	err = do(s)
	return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
}
