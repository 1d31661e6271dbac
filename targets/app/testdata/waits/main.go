// Waits is a program whose operations wait, each in its own way: in the program, for other programs, in the server. POST
// /PATTERN/MODE?c=CLIENT. All but a few add one to a counter; those that are racy read it before they are alone.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
)

type program struct {
	pool  *sql.DB
	mysql bool
	mutex sync.Mutex
	calls atomic.Int32 // of once
}

func main() {
	p, err := open(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), p))
}

func open(address string) (*program, error) {
	if !strings.HasPrefix(address, "mysql:") {
		db, err := sql.Open("pgx", address)
		return &program{pool: db}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	cfg := mysqldriver.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	db, err := sql.Open("mysql", cfg.FormatDSN())
	return &program{pool: db, mysql: true}, err
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) < 3 {
		return
	}
	conn, err := p.pool.Conn(r.Context())
	if err == nil {
		err = p.do(r.Context(), conn, parts[1], parts[2], r.URL.Query().Get("c"))
		_ = conn.Close()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (p *program) do(ctx context.Context, c *sql.Conn, pattern, mode, client string) error {
	switch pattern {
	case "think":
		return p.apart(ctx, c, mode, func() error { time.Sleep(50 * time.Millisecond); return nil })
	case "begin":
		time.Sleep(50 * time.Millisecond)
		return p.apart(ctx, c, mode, func() error { return nil })
	case "asleep":
		return p.apart(ctx, c, mode, func() error { return p.exec(ctx, c, "SELECT pg_sleep(0.05)", "SELECT sleep(0.05)") })
	case "mutex":
		return p.around(ctx, c, mode, func() error { p.mutex.Lock(); return nil }, func() error { p.mutex.Unlock(); return nil })
	case "named":
		return p.around(ctx, c, mode,
			func() error { return p.exec(ctx, c, "SELECT pg_advisory_lock(7)", "SELECT get_lock('seven', 20)") },
			func() error { return p.exec(ctx, c, "SELECT pg_advisory_unlock(7)", "SELECT release_lock('seven')") })
	case "table":
		return p.around(ctx, c, mode,
			func() error { return p.exec(ctx, c, "BEGIN; LOCK TABLE counter", "LOCK TABLES counter WRITE") },
			func() error { return p.exec(ctx, c, "COMMIT", "UNLOCK TABLES") })
	case "file":
		return p.file(ctx, c, mode)
	case "pool":
		return p.both(ctx, c, mode, client)
	case "once":
		return p.once(ctx, c, client)
	case "poll":
		return p.poll(ctx, c, mode, client)
	}
	return fmt.Errorf("no pattern %s", pattern)
}

func (p *program) exec(ctx context.Context, c *sql.Conn, postgres, mysql string) error {
	if p.mysql {
		postgres = mysql
	}
	_, err := c.ExecContext(ctx, postgres)
	return err
}

func read(ctx context.Context, c *sql.Conn) (n int, err error) {
	err = c.QueryRowContext(ctx, "SELECT n FROM counter WHERE id = 1").Scan(&n)
	return n, err
}

func (p *program) write(ctx context.Context, c *sql.Conn, n int) error {
	if p.mysql {
		_, err := c.ExecContext(ctx, "UPDATE counter SET n = ? WHERE id = 1", n)
		return err
	}
	_, err := c.ExecContext(ctx, "UPDATE counter SET n = $1 WHERE id = 1", n)
	return err
}

// apart: a pause between the read and the write, or before one statement that does both.
func (p *program) apart(ctx context.Context, c *sql.Conn, mode string, pause func() error) error {
	n, err := read(ctx, c)
	if err = cmp.Or(err, pause()); err != nil {
		return err
	}
	if mode == "racy" {
		return p.write(ctx, c, n+1)
	}
	return p.exec(ctx, c, "UPDATE counter SET n = n + 1 WHERE id = 1", "UPDATE counter SET n = n + 1 WHERE id = 1")
}

// around: the lock is taken before the read, or only before the write.
func (p *program) around(ctx context.Context, c *sql.Conn, mode string, lock, unlock func() error) (err error) {
	n := 0
	if mode == "racy" {
		if n, err = read(ctx, c); err != nil {
			return err
		}
	}
	if err := lock(); err != nil {
		return err
	}
	if mode != "racy" {
		n, err = read(ctx, c)
	}
	if err == nil {
		err = p.write(ctx, c, n+1)
	}
	return cmp.Or(err, unlock())
}

// file: a lock that the server does not know, and that copies of the program share.
func (p *program) file(ctx context.Context, c *sql.Conn, mode string) error {
	f, err := os.Open(os.Getenv("LOCKED"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return p.around(ctx, c, mode, func() error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) },
		func() error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) })
}

// both: two statements at once, of a pool that has one connection.
func (p *program) both(ctx context.Context, c *sql.Conn, mode, client string) error {
	_ = c.Close()
	p.pool.SetMaxOpenConns(1)
	if mode == "racy" {
		c, err := p.pool.Conn(ctx)
		if err != nil {
			return err
		}
		n, err := read(ctx, c)
		if err = cmp.Or(err, c.Close()); err != nil {
			return err
		}
		return p.atOnce(ctx, fmt.Sprintf("UPDATE counter SET n = %d WHERE id = 1", n+1), "INSERT INTO visit VALUES ('"+client+"')")
	}
	return p.atOnce(ctx, "UPDATE counter SET n = n + 1 WHERE id = 1", "INSERT INTO visit VALUES ('"+client+"')")
}

func (p *program) atOnce(ctx context.Context, statements ...string) error {
	ended := make(chan error)
	for _, s := range statements {
		go func() {
			_, err := p.pool.ExecContext(ctx, s)
			ended <- err
		}()
	}
	return cmp.Or(<-ended, <-ended)
}

// once adds one, but for one time, long after the program was run alone.
func (p *program) once(ctx context.Context, c *sql.Conn, client string) error {
	add := 1
	if p.calls.Add(1) == 9 && client == "a" {
		add = 100
	}
	_, err := c.ExecContext(ctx, fmt.Sprintf("UPDATE counter SET n = n + %d WHERE id = 1", add))
	return err
}

// polls is how often b looks whether a has been there.
const polls = 60

// poll: b asks again and again whether a has been there, and then counts.
func (p *program) poll(ctx context.Context, c *sql.Conn, mode, client string) error {
	if client == "a" {
		return cmp.Or(p.exec(ctx, c, "INSERT INTO visit VALUES ('a')", "INSERT INTO visit VALUES ('a')"), p.apart(ctx, c, mode, func() error { return nil }))
	}
	for range polls {
		n := 0
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM visit").Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return p.apart(ctx, c, mode, func() error { return nil })
}
