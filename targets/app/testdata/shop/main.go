// Shop is a program as users have them, with patterns that race and their mended twins: POST /PATTERN/MODE?c=CLIENT. It knows nothing
// of lastseat. DATABASE_URL says where its database is, PORT where it listens.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// shop is the program.
type shop struct {
	db    *sql.DB
	mysql bool
}

// refusal is a right answer that is no success.
type refusal struct{ status int }

func (r refusal) Error() string { return "refused" }

// tx is one transaction, or the pool.
type tx interface {
	QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
}

func main() {
	s, err := open(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), s))
}

func open(address string) (*shop, error) {
	if !strings.HasPrefix(address, "mysql:") {
		db, err := sql.Open("pgx", address)
		return &shop{db: db}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	cfg := mysqldriver.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	db, err := sql.Open("mysql", cfg.FormatDSN())
	return &shop{db: db, mysql: true}, err
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) < 3 {
		fmt.Fprintln(w, "a shop")
		return
	}
	body, err := s.do(r.Context(), parts[1], parts[2], r.URL.Query().Get("c"))
	var refused refusal
	status := http.StatusOK
	switch {
	case errors.As(err, &refused):
		status = refused.status
	case err != nil:
		status, body = http.StatusInternalServerError, map[string]any{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// do carries out a pattern in a mode.
func (s *shop) do(ctx context.Context, pattern, mode, c string) (body map[string]any, err error) {
	patterns := map[string]func(ctx context.Context, t tx, mode, c string) (map[string]any, error){
		"seat": s.seat, "counter": s.counter, "coupon": s.coupon, "number": s.number, "transfer": s.transfer, "order": s.order, "sum": s.sum,
		"queue": s.queue, "guard": s.guard, "doctors": s.doctors,
	}
	f, ok := patterns[pattern]
	if !ok {
		return s.other(ctx, pattern, mode, c)
	}
	for range 8 {
		body, err = s.transaction(ctx, mode, func(t tx) (map[string]any, error) { return f(ctx, t, mode, c) })
		if !again(err) || strings.HasSuffix(mode, "-once") {
			return body, err
		}
	}
	return body, err
}

// again reports whether a transaction that ended so is to be tried again.
func again(err error) bool {
	var p *pgconn.PgError
	var m *mysqldriver.MySQLError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01") || errors.As(err, &m) && (m.Number == 1213 || m.Number == 1020)
}

func duplicate(err error) bool {
	var p *pgconn.PgError
	var m *mysqldriver.MySQLError
	return errors.As(err, &p) && p.Code == "23505" || errors.As(err, &m) && m.Number == 1062
}

var dollar = regexp.MustCompile(`\$\d+`)

// sql is a text in the server's form.
func (s *shop) sql(q string) string {
	if s.mysql {
		return dollar.ReplaceAllString(q, "?")
	}
	return q
}

func (s *shop) transaction(ctx context.Context, mode string, f func(tx) (map[string]any, error)) (map[string]any, error) {
	var opt sql.TxOptions
	if strings.HasPrefix(mode, "serializable") {
		opt.Isolation = sql.LevelSerializable
	}
	t, err := s.db.BeginTx(ctx, &opt)
	if err != nil {
		return nil, err
	}
	body, err := f(t)
	if err != nil {
		return nil, errors.Join(err, t.Rollback())
	}
	return body, t.Commit()
}

func (s *shop) one(ctx context.Context, t tx, q string, args ...any) (n int, err error) {
	err = t.QueryRowContext(ctx, s.sql(q), args...).Scan(&n)
	return n, err
}

func (s *shop) exec(ctx context.Context, t tx, q string, args ...any) (int64, error) {
	r, err := t.ExecContext(ctx, s.sql(q), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// locking is how a mode reads what it decides by.
func locking(mode string) string {
	if mode == "lock" {
		return " FOR UPDATE"
	}
	return ""
}

// seat: look whether one is left, take it, write the order.
func (s *shop) seat(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	if mode == "atomic" {
		if n, err := s.exec(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND left_over > 0", "hat"); err != nil || n == 0 {
			return nil, errors.Join(err, refusal{409})
		}
	} else {
		left, err := s.one(ctx, t, "SELECT left_over FROM stock WHERE item = $1"+locking(mode), "hat")
		if err != nil {
			return nil, err
		}
		if left < 1 {
			return nil, refusal{409}
		}
		if _, err := s.exec(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = $1", "hat"); err != nil {
			return nil, err
		}
	}
	_, err := s.exec(ctx, t, "INSERT INTO orders (customer, item) VALUES ($1, $2)", c, "hat")
	return nil, err
}

// counter: read, add in the program, write, as an ORM does.
func (s *shop) counter(ctx context.Context, t tx, mode, _ string) (map[string]any, error) {
	n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1"+locking(mode))
	if err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, t, "UPDATE counter SET n = $1 WHERE id = 1", n+1)
	return nil, err
}

// coupon: look whether it was redeemed, redeem it.
func (s *shop) coupon(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	table := "redeemed"
	if mode == "unique" {
		table = "redeemed_once"
	}
	n, err := s.one(ctx, t, "SELECT count(*) FROM "+table+" WHERE code = $1", "X")
	if err != nil {
		return nil, err
	}
	if n > 0 {
		return nil, refusal{409}
	}
	_, err = s.exec(ctx, t, "INSERT INTO "+table+" (code, customer) VALUES ($1, $2)", "X", c)
	if duplicate(err) {
		err = refusal{409}
	}
	return nil, err
}

// number: the next number is one more than the largest.
func (s *shop) number(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	if mode == "lock" {
		if _, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1 FOR UPDATE"); err != nil {
			return nil, err
		}
	}
	n, err := s.one(ctx, t, "SELECT coalesce(max(number), 0) + 1 FROM invoice")
	if err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, t, "INSERT INTO invoice (number, customer) VALUES ($1, $2)", n, c)
	return map[string]any{"number": n}, err
}

// transfer: between two accounts, the other way round for the other client.
func (s *shop) transfer(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	from, to := "x", "y"
	if c == "b" {
		from, to = to, from
	}
	if mode == "guarded" {
		n, err := s.exec(ctx, t, "UPDATE account SET balance = balance - 30 WHERE id = $1 AND balance >= 30", from)
		if err != nil || n == 0 {
			return nil, errors.Join(err, refusal{409})
		}
		_, err = s.exec(ctx, t, "UPDATE account SET balance = balance + 30 WHERE id = $1", to)
		return nil, err
	}
	a, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = $1", from)
	if err != nil {
		return nil, err
	}
	b, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = $1", to)
	if err != nil {
		return nil, err
	}
	if a < 30 {
		return nil, refusal{409}
	}
	if _, err := s.exec(ctx, t, "UPDATE account SET balance = $1 WHERE id = $2", a-30, from); err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, t, "UPDATE account SET balance = $1 WHERE id = $2", b+30, to)
	return nil, err
}

// order: a generated key, a child that refers to it without a foreign key, times. Attempts that fail leave gaps.
func (s *shop) order(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	n, err := s.one(ctx, t, "SELECT count(*) FROM purchase")
	if err != nil {
		return nil, err
	}
	if mode == "racy" && n > 0 {
		return nil, refusal{409}
	}
	var id int64
	now := time.Now().UTC().Format("2006-01-02 15:04:05")
	if s.mysql {
		r, err := t.ExecContext(ctx, "INSERT INTO purchase (customer, made) VALUES (?, ?)", c, now)
		if err != nil {
			return nil, err
		}
		id, err = r.LastInsertId()
		if err != nil {
			return nil, err
		}
	} else if err := t.QueryRowContext(ctx, "INSERT INTO purchase (customer, made) VALUES ($1, $2) RETURNING id", c, now).Scan(&id); err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, t, "INSERT INTO line (purchase_id, note) VALUES ($1, $2)", id, fmt.Sprintf("order %d for %s", id, c))
	return map[string]any{"id": id, "made": now}, err
}

// sum: one client moves money, the other reads two balances.
func (s *shop) sum(ctx context.Context, t tx, _, c string) (map[string]any, error) {
	if c == "a" {
		if _, err := s.exec(ctx, t, "UPDATE account SET balance = balance - 30 WHERE id = 'x'"); err != nil {
			return nil, err
		}
		_, err := s.exec(ctx, t, "UPDATE account SET balance = balance + 30 WHERE id = 'y'")
		return nil, err
	}
	x, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = 'x'")
	if err != nil {
		return nil, err
	}
	y, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = 'y'")
	return map[string]any{"sum": x + y}, err
}

// queue: take the first job.
func (s *shop) queue(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	how := map[string]string{"wait": " FOR UPDATE", "skip": " FOR UPDATE SKIP LOCKED"}[mode]
	id, err := s.one(ctx, t, "SELECT id FROM job WHERE worker = '' ORDER BY id LIMIT 1"+how)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refusal{404}
	}
	if err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, t, "UPDATE job SET worker = $1 WHERE id = $2", c, id)
	return map[string]any{"job": id}, err
}

// guard: one statement that looks and writes.
func (s *shop) guard(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	if mode == "lock" {
		if _, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1 FOR UPDATE"); err != nil {
			return nil, err
		}
	}
	n, err := s.exec(ctx, t, "INSERT INTO orders (customer, item) SELECT '"+c+"', 'hat' FROM counter WHERE (SELECT count(*) FROM orders) < 1")
	if err == nil && n == 0 {
		err = refusal{409}
	}
	return nil, err
}

// doctors: one goes off call if another is on (write skew).
func (s *shop) doctors(ctx context.Context, t tx, mode, c string) (map[string]any, error) {
	if mode == "lock" {
		if _, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1 FOR UPDATE"); err != nil {
			return nil, err
		}
	}
	n, err := s.one(ctx, t, "SELECT count(*) FROM doctor WHERE on_call = 1")
	if err != nil {
		return nil, err
	}
	if n < 2 {
		return nil, refusal{409}
	}
	_, err = s.exec(ctx, t, "UPDATE doctor SET on_call = 0 WHERE name = $1", c)
	return nil, err
}

// other are patterns without a transaction around them.
func (s *shop) other(ctx context.Context, pattern, mode, c string) (map[string]any, error) {
	switch pattern {
	case "late": // writes after its answer
		if _, err := s.exec(ctx, s.db, "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'"); err != nil {
			return nil, err
		}
		go func() {
			time.Sleep(3 * time.Millisecond)
			_, _ = s.exec(context.Background(), s.db, "INSERT INTO orders (customer, item) VALUES ($1, 'log')", c)
		}()
		return nil, nil
	case "fails":
		return nil, errors.New("it always fails")
	case "elsewhere":
		return nil, nil
	case "dies":
		os.Exit(3)
	case "sleeps": // a statement that never ends; MARK is a file that says that it has begun
		if mark := os.Getenv("MARK"); mark != "" {
			_ = os.WriteFile(mark, nil, 0o600)
		}
		return nil, s.forever(ctx)
	case "random":
		_, err := s.exec(ctx, s.db, "UPDATE counter SET n = $1 WHERE id = 1", time.Now().UnixNano()%1000)
		return nil, err
	}
	return nil, refusal{404}
}

func (s *shop) forever(ctx context.Context) error {
	q := "SELECT left_over, pg_sleep(3600) FROM stock"
	if s.mysql {
		q = "SELECT left_over, SLEEP(3600) FROM stock"
	}
	_, err := s.db.ExecContext(context.WithoutCancel(ctx), q)
	return err
}
