package proxy_test

import (
	"context"
	"sync"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// Clients at once, and the queries of each between two changes from one way to the other.
const (
	benchClients = 8
	benchQueries = 50
)

// BenchmarkThrough reads rows by their keys on eight connections, in turns directly and through a proxy that holds nothing. An
// operation is a pair of such turns; of-direct is the rate through the proxy by the direct one, of the same run.
func BenchmarkThrough(b *testing.B) {
	const table = "CREATE TABLE seats (id INT PRIMARY KEY, holder VARCHAR(100)); INSERT INTO seats VALUES (1, 'ann'), (2, 'bob'), (3, NULL)"
	b.Run("pgx", func(b *testing.B) {
		s := own(b, postgres.Program())
		f := before(b, engineOf(b, "postgres", s.DSN()), "lastseat_app_bench", "")
		must(b, f.db.Exec(b.Context(), table))
		direct := pgConfig(b, s.DSN())
		direct.Database = f.db.Name()
		f.Watch(nil)
		measure(b, func() reads { return pgReads(b, direct) }, func() reads { return pgReads(b, pgConfig(b, f.url)) })
	})
	for engine, p := range map[string]local.Program{"mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd()} {
		b.Run("go-sql-driver/"+engine, func(b *testing.B) {
			s := own(b, p)
			direct, err := mysqldriver.ParseDSN(s.DSN())
			must(b, err)
			f := before(b, engineOf(b, engine, engine+"://root:"+direct.Passwd+"@"+direct.Addr), "lastseat_app_bench", "")
			must(b, f.db.Exec(b.Context(), table))
			direct.DBName = f.db.Name()
			f.Watch(nil)
			measure(b, func() reads { return myReads(b, direct) }, func() reads { return myReads(b, myConfig(b, f.url)) })
		})
	}
}

// reads reads the row of a key.
type reads func(ctx context.Context, id int) error

// pgReads are those of a new connection.
func pgReads(b *testing.B, cfg *pgx.ConnConfig) reads {
	b.Helper()
	c, err := pgx.ConnectConfig(b.Context(), cfg)
	must(b, err)
	b.Cleanup(func() { _ = c.Close(context.Background()) })
	return func(ctx context.Context, id int) error {
		var holder *string
		return c.QueryRow(ctx, "SELECT holder FROM seats WHERE id = $1", id).Scan(&holder)
	}
}

func myReads(b *testing.B, cfg *mysqldriver.Config) reads {
	b.Helper()
	db := myOpen(b, cfg)
	db.SetMaxOpenConns(1)
	s, err := db.PrepareContext(b.Context(), "SELECT holder FROM seats WHERE id = ?")
	must(b, err)
	b.Cleanup(func() { _ = s.Close() })
	return func(ctx context.Context, id int) error {
		var holder *string
		return s.QueryRowContext(ctx, id).Scan(&holder)
	}
}

// measure has clients of both ways read in turns.
func measure(b *testing.B, ways ...func() reads) {
	b.Helper()
	clients := make([][]reads, len(ways))
	for i, way := range ways {
		for range benchClients {
			clients[i] = append(clients[i], way())
		}
	}
	spent := make([]time.Duration, len(ways))
	n := 0
	for b.Loop() {
		for k := range ways {
			i := (k + n) % len(ways) // each is first as often as the other
			begun := time.Now()
			var all sync.WaitGroup
			for _, read := range clients[i] {
				all.Go(func() {
					for q := range benchQueries {
						if err := read(b.Context(), q%3+1); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			spent[i] += time.Since(begun)
		}
		n++
	}
	queries := float64(n * benchClients * benchQueries)
	b.ReportMetric(queries/spent[0].Seconds(), "direct/s")
	b.ReportMetric(queries/spent[1].Seconds(), "through/s")
	b.ReportMetric(spent[0].Seconds()/spent[1].Seconds(), "of-direct")
}
