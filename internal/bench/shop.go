package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	mysqltarget "github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// shop is a program as users have them, in Go's net/http and database/sql: a POST buys one of a thousand items in a transaction. It knows
// nothing of a proxy.
type shop struct {
	db               *sql.DB
	look, take, note string
}

// shopClients are its connections to the database, and those of its clients.
const shopClients = 8

// openShop opens the database that an address leads to.
func openShop(address string) (*shop, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the shop's DATABASE_URL: %w", err)
	}
	s := &shop{
		look: "SELECT stock FROM items WHERE id = $1 FOR UPDATE",
		take: "UPDATE items SET stock = stock - 1 WHERE id = $1",
		note: "INSERT INTO orders (item) VALUES ($1)",
	}
	switch u.Scheme {
	case "postgres":
		cfg, err := pgx.ParseConfig(address)
		if err != nil {
			return nil, fmt.Errorf("the shop's DATABASE_URL: %w", err)
		}
		s.db = stdlib.OpenDB(*cfg)
	default:
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.DBName, cfg.User = "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), u.User.Username()
		cfg.Passwd, _ = u.User.Password()
		cfg.InterpolateParams = true // as those set who look for speed
		to, err := mysql.NewConnector(cfg)
		if err != nil {
			return nil, fmt.Errorf("the shop's DATABASE_URL: %w", err)
		}
		s.db = sql.OpenDB(to)
		for _, text := range []*string{&s.look, &s.take, &s.note} {
			*text = strings.ReplaceAll(*text, "$1", "?")
		}
	}
	s.db.SetMaxOpenConns(shopClients)
	s.db.SetMaxIdleConns(shopClients)
	return s, nil
}

// fill makes the tables.
func (s *shop) fill(ctx context.Context) error {
	rows := make([]string, cells)
	for id := range rows {
		rows[id] = fmt.Sprintf("(%d, 1000000)", id)
	}
	for _, statement := range []string{
		"CREATE TABLE items (id INT PRIMARY KEY, stock INT NOT NULL)", "INSERT INTO items VALUES " + strings.Join(rows, ", "),
		"CREATE TABLE orders (item INT NOT NULL)",
	} {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make the shop's tables: %w", err)
		}
	}
	return nil
}

// sold is how many were bought.
func (s *shop) sold(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&n)
	return n, err //nolint:wrapcheck // the caller says what it asked for
}

func (s *shop) buy(ctx context.Context, item int) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err //nolint:wrapcheck // it is the answer's text
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	var stock int
	if err := tx.QueryRowContext(ctx, s.look, item).Scan(&stock); err != nil {
		return err //nolint:wrapcheck // as above
	}
	if stock < 1 {
		return errors.New("sold out")
	}
	for _, statement := range []string{s.take, s.note} {
		if _, err := tx.ExecContext(ctx, statement, item); err != nil {
			return err //nolint:wrapcheck // as above
		}
	}
	return tx.Commit() //nolint:wrapcheck // as above
}

// serveShop is the shop in a process of its own, on the database of DATABASE_URL.
func serveShop(ctx context.Context) error {
	s, err := openShop(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	err = serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a client that left gets no answer
		if err := s.buy(r.Context(), rand.IntN(cells)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, `{"order": 1}`)
	}))
	return errors.Join(err, s.db.Close())
}

// shopFigures print what `lastseat proxy` takes of the shop's speed: its clients buy directly and through it, in turns.
func (b *bench) shopFigures(ctx context.Context) error {
	fmt.Printf("\n%d interleaved pairs of %v; ratio: a shop in Go, asked by HTTP, whose connections go through `lastseat proxy`, by the same directly.\n\n",
		b.pairs, b.length)
	fmt.Println("| server | clients | direct buys/s | through the proxy | ratio | proxy's CPU a buy |\n|---|--:|--:|--:|--:|--:|")
	var missing []error
	for _, e := range []struct {
		engine  store.Engine
		program local.Program
	}{{postgres.Engine(), postgres.Program()}, {mysqltarget.MySQL(), mysqltarget.Mysqld()}, {mysqltarget.MariaDB(), mysqltarget.Mariadbd()}} {
		missing = append(missing, withServer(ctx, e.program, func(s *local.Server) error {
			name := e.engine.Name
			row, err := b.shopAt(ctx, name, s.DSN())
			if row == "" {
				row = fmt.Sprintf("| %s | – | no figure: %s | | | |", name, oneLine(err.Error()))
			}
			fmt.Println(row)
			return err
		}))
	}
	return errors.Join(missing...)
}

func (b *bench) shopAt(ctx context.Context, engine, dsn string) (row string, err error) {
	if engine != "postgres" { // lastseat proxy wants a URL
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			return "", fmt.Errorf("the server's address: %w", err)
		}
		dsn = (&url.URL{Scheme: engine, User: url.UserPassword(cfg.User, cfg.Passwd), Host: cfg.Addr}).String()
	}
	w, err := startWire(ctx, dsn)
	defer func() { err = errors.Join(err, w.stop(ctx)) }()
	if err != nil {
		return "", err
	}
	own, err := openShop(w.direct)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, own.db.Close()) }()
	if err := own.fill(ctx); err != nil {
		return "", err
	}
	bought, done, before := int64(0), int64(0), w.cpu()
	var sides []*side
	for _, address := range []string{w.direct, w.through} {
		program, failed := startHTTP(ctx, "shop", "DATABASE_URL="+address)
		if failed != nil {
			return "", failed
		}
		defer func() { err = errors.Join(err, program.stop()) }()
		sides = append(sides, &side{run: func() (pace, error) {
			t, err := ownHTTP(ctx, httpLoad{address: program.address, connections: shopClients, length: b.length})
			if err != nil {
				return pace{}, err
			}
			bought += t.Answers
			if address == w.through {
				done += t.Answers
			}
			return pace{rate: float64(t.Answers) / t.Elapsed.Seconds()}, nil
		}})
	}
	inTurns(b.pairs, sides...)
	direct, through := sides[0], sides[1]
	row = fmt.Sprintf("| %s | %d | %s | %s | %s | %s |", engine, shopClients, direct, through, ratio(through.ratios(direct)), w.spent(before, float64(done)))
	err = trouble("the shop on "+engine, direct, through)
	if sold, asked := own.sold(ctx); err == nil && (asked != nil || sold != bought) {
		err = errors.Join(asked, fmt.Errorf("the shop on %s has sold %d, and its clients bought %d", engine, sold, bought))
	}
	return row, err
}
