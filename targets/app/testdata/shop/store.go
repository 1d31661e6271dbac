package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// shop is the program.
type shop struct {
	db    *sql.DB
	few   *sql.DB // a pool of one session
	mysql bool    // or MariaDB
}

// tx is one transaction, the pool, or one connection.
type tx interface {
	QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
}

func open(address string) (*shop, error) {
	if !strings.HasPrefix(address, "mysql:") {
		return pools("pgx", address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	cfg := mysqldriver.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	return pools("mysql", cfg.FormatDSN())
}

func pools(driver, address string) (*shop, error) {
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	few, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	few.SetMaxOpenConns(1)
	return &shop{db: db, few: few, mysql: driver == "mysql"}, nil
}

// errStale: somebody else was faster; the transaction is to be tried again.
var errStale = errors.New("stale")

// again reports whether a transaction that ended so is to be tried again.
func again(err error) bool {
	var p *pgconn.PgError
	var m *mysqldriver.MySQLError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01") || errors.As(err, &m) && (m.Number == 1213 || m.Number == 1020) || errors.Is(err, errStale)
}

// is reports whether an error has one of the codes of PostgreSQL or the numbers of MySQL and MariaDB.
func is(err error, code string, numbers ...uint16) bool {
	var p *pgconn.PgError
	var m *mysqldriver.MySQLError
	return errors.As(err, &p) && p.Code == code || errors.As(err, &m) && slices.Contains(numbers, m.Number)
}

func duplicate(err error) bool { return is(err, "23505", 1062) }

var dollar = regexp.MustCompile(`\$\d+`)

// sql is a text in the server's form.
func (s *shop) sql(q string) string {
	if s.mysql {
		return dollar.ReplaceAllString(q, "?")
	}
	return q
}

// either is a text of PostgreSQL's, or one of MySQL's.
func (s *shop) either(postgres, mysql string) string {
	if s.mysql {
		return mysql
	}
	return postgres
}

// retried has a transaction tried again after a conflict.
func (s *shop) retried(ctx context.Context, mode string, f func(tx) (body, error)) (b body, err error) {
	for range 8 {
		b, err = s.transaction(ctx, s.db, mode, f)
		if !again(err) || strings.HasSuffix(mode, "-once") {
			return b, err
		}
	}
	return b, err
}

func (s *shop) transaction(ctx context.Context, db interface {
	BeginTx(ctx context.Context, opt *sql.TxOptions) (*sql.Tx, error)
}, mode string, f func(tx) (body, error),
) (body, error) {
	var opt sql.TxOptions
	if strings.HasPrefix(mode, "serializable") {
		opt.Isolation = sql.LevelSerializable
	}
	t, err := db.BeginTx(ctx, &opt)
	if err != nil {
		return nil, err
	}
	b, err := f(t)
	if err != nil {
		return nil, errors.Join(err, t.Rollback())
	}
	return b, t.Commit()
}

func (s *shop) one(ctx context.Context, t tx, q string, args ...any) (n int, err error) {
	err = t.QueryRowContext(ctx, s.sql(q), args...).Scan(&n)
	return n, err
}

// count is a number, or 0 where there is no row.
func (s *shop) count(ctx context.Context, t tx, q string, args ...any) (n int, err error) {
	n, err = s.one(ctx, t, q, args...)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

func (s *shop) exec(ctx context.Context, t tx, q string, args ...any) (int64, error) {
	r, err := t.ExecContext(ctx, s.sql(q), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// changes is exec where nobody asks how many rows it was.
func (s *shop) changes(ctx context.Context, t tx, q string, args ...any) error {
	_, err := s.exec(ctx, t, q, args...)
	return err
}

// guarded is exec that refuses where it changes nothing.
func (s *shop) guarded(ctx context.Context, t tx, q string, args ...any) error {
	n, err := s.exec(ctx, t, q, args...)
	if err == nil && n == 0 {
		err = refusal{409}
	}
	return err
}

// locking is how a mode reads what it decides by.
func locking(mode string) string {
	switch mode {
	case "lock":
		return " FOR UPDATE"
	case "nowait":
		return " FOR UPDATE NOWAIT"
	}
	return ""
}

// queueUp has the clients of a mode follow one another: by a lock on a row that none changes, or by a change of it.
func (s *shop) queueUp(ctx context.Context, t tx, mode string) error {
	switch mode {
	case "lock":
		_, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1 FOR UPDATE")
		return err
	case "touch":
		return s.changes(ctx, t, "UPDATE counter SET n = 1 - n WHERE id = 2")
	}
	return nil
}
