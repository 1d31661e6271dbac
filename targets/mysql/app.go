package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/wire"
)

// MariaDBDatabases is what programs of the user's need of MariaDB.
func MariaDBDatabases() database.Engine {
	return programDatabases("mariadb", "MariaDB", Mariadbd(), database.Naming{
		Drivers: []string{"mariadb", "mariadb-java-client"}, JDBC: "jdbc:mariadb", Laravel: "mariadb", GoDSN: goDSN,
	})
}

// Databases is what programs of the user's need of MySQL.
func Databases() database.Engine {
	return programDatabases("mysql", "MySQL", Mysqld(), database.Naming{
		Drivers: []string{
			"mysql2", "mysqlclient", "PyMySQL", "aiomysql", "asyncmy", "mysql-connector-python", "github.com/go-sql-driver/mysql", "gorm.io/driver/mysql",
			"mysql-connector-j", "mysql-connector-java", "trilogy", "mysql",
		},
		JDBC: "jdbc:mysql", Django: "django.db.backends.mysql", Laravel: "mysql", GoDSN: goDSN,
	})
}

// goDSN is how Go's driver wants to be told where a database is.
const goDSN = "{user}:{password}@tcp({host}:{port})/{name}"

func programDatabases(name, title string, program local.Program, naming database.Naming) database.Engine {
	return database.Engine{
		Name: name, Product: title, Schemes: []string{name}, Naming: naming, Dial: dialProgram, Protocol: wire.MySQL(),
		Open: func(ctx context.Context, dsn string, durable bool) (database.Server, error) {
			return openProgram(ctx, program, dsn, durable)
		},
		Snapshot: func(l harness.Level) bool { return l == harness.RepeatableRead },
		Watches:  func(l harness.Level) bool { return l == harness.Serializable },
		// A MariaDB with innodb_snapshot_isolation lets the first win too; who does not know its version says that less is prevented.
		Locking: func(l harness.Level) database.Locking {
			return database.Locking{Dirty: l == harness.ReadUncommitted, Latest: true, Gaps: l == harness.RepeatableRead || l == harness.Serializable, Shares: l == harness.Serializable}
		},
		Conflict: func(_ string, number int) harness.Conflict { return conflictOf(number) },
		Reach:    func(l harness.Level) database.Reach { return reachAt(title, l) },
	}
}

// programServer is a server on which databases are made for programs.
type programServer struct {
	cfg   *mysqldriver.Config
	local *local.Server
	admin *sql.DB
	about database.About
	made  []*programDatabase

	mariaDB bool
}

func openProgram(ctx context.Context, program local.Program, dsn string, durable bool) (_ database.Server, err error) {
	dsn, throwaway, err := local.Resolve(ctx, program, dsn, local.Options{Volatile: !durable})
	if err != nil {
		return nil, err
	}
	s := &programServer{local: throwaway, about: database.About{Product: program.Title, Throwaway: throwaway != nil}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	if s.cfg, err = parseDSN(dsn); err != nil {
		return nil, err
	}
	s.cfg.MultiStatements, s.cfg.Timeout = true, connectTimeout
	if s.admin, err = s.connect(""); err != nil {
		return nil, err
	}
	var version, level string
	if err := s.admin.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return nil, (&server{cfg: s.cfg}).unreachable(err)
	}
	if s.mariaDB = strings.Contains(version, "MariaDB"); throwaway == nil {
		if err := s.sees(ctx); err != nil {
			return nil, err
		}
	}
	variable := "@@transaction_isolation"
	if s.mariaDB {
		variable = "@@tx_isolation"
	}
	if err := s.admin.QueryRowContext(ctx, "SELECT "+variable).Scan(&level); err != nil {
		return nil, fmt.Errorf("read the isolation level: %w", err)
	}
	s.about.Version, _, _ = strings.Cut(version, "-")
	s.about.Level = harness.Level(strings.ToLower(level))
	return s, nil
}

func (s *programServer) connect(name string) (*sql.DB, error) {
	cfg := s.cfg.Clone()
	cfg.DBName = name
	cfg.Logger = &mysqldriver.NopLogger{} // what breaks is told as an error
	c, err := newConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1) // what is set on the session stays set
	return db, nil
}

// About implements database.Server.
func (s *programServer) About() database.About { return s.about }

// Create implements database.Server.
func (s *programServer) Create(ctx context.Context, name string) (_ database.Database, err error) {
	d := &programDatabase{name: name, server: s, user: s.cfg.User, password: s.cfg.Passwd}
	if err := s.makeOwn(ctx, d); err != nil {
		if n := errorNumber(err); n == errAccess || n == errAccessDatabase {
			return nil, &sqldb.OpenError{
				What: "no right to create a database", Err: err, Do: fmt.Sprintf("GRANT ALL ON `lastseat\\_%%`.* TO '%s'@'%%', or use another user", s.cfg.User),
			}
		}
		return nil, fmt.Errorf("create database %s: %w", name, err)
	}
	if err := d.makeUser(ctx); err != nil {
		return nil, err
	}
	if d.db, err = s.connect(name); err != nil {
		return nil, err
	}
	if d.watch, err = s.connect(name); err != nil {
		return nil, err
	}
	return d, d.prepare(ctx)
}

// prepare sets what holds for the session by which the database is read and written.
func (d *programDatabase) prepare(ctx context.Context) error {
	_, err := d.db.ExecContext(ctx, "SET lock_wait_timeout = 5, innodb_lock_wait_timeout = 5, foreign_key_checks = 1")
	return err
}

// Kill implements database.Mortal.
func (s *programServer) Kill() error { return s.local.Kill() }

// Restart implements database.Mortal. Connections are made anew when they are used.
func (s *programServer) Restart(ctx context.Context) error {
	if err := s.local.Restart(ctx); err != nil {
		return err
	}
	for _, db := range s.made {
		if err := errors.Join(db.watch.PingContext(ctx), db.db.PingContext(ctx), db.prepare(ctx)); err != nil {
			return fmt.Errorf("reach the server again: %w", err)
		}
	}
	return nil
}

// Close implements database.Server.
func (s *programServer) Close(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sqldb.StopTimeout)
	defer cancel()
	for _, d := range s.made {
		for _, db := range []*sql.DB{d.db, d.watch} {
			if db != nil {
				_ = db.Close() // the database goes with it
			}
		}
		if s.local == nil {
			err = errors.Join(err, d.dropUser(ctx), s.dropOwn(ctx, d.name))
		}
	}
	if s.admin != nil {
		_ = s.admin.Close() // nothing is pending on it
	}
	if s.local != nil {
		err = errors.Join(err, s.local.Stop(ctx))
	}
	return err
}

// programDatabase is a database for a program.
type programDatabase struct {
	name      string
	server    *programServer
	db, watch *sql.DB
	jumps     int

	user, password string // of the program's sessions, at the server
	host           string // that the user comes from; empty: there is none of the database's own
}

// Name implements database.Database.
func (d *programDatabase) Name() string { return d.name }

// URL implements database.Database.
func (d *programDatabase) URL(address string, login *url.Userinfo) *url.URL {
	return &url.URL{Scheme: "mysql", User: login, Host: address, Path: "/" + d.name}
}

// Proxied implements database.Database.
func (d *programDatabase) Proxied(s database.Sessions) (proxy.Server, error) {
	return proxy.Server{Protocol: wire.MySQL(), Database: d.name, Enter: entrance(d.server.cfg, d.user, d.password, d.name, s)}, nil
}

// Exec implements database.Database.
func (d *programDatabase) Exec(ctx context.Context, sql string) error {
	_, err := d.db.ExecContext(ctx, sql)
	return err
}

// Query implements database.Database.
func (d *programDatabase) Query(ctx context.Context, sql string) ([]string, [][]string, error) {
	columns, results, err := ask(ctx, d.db, sql)
	if err != nil || len(results) == 0 {
		return nil, nil, err
	}
	return columns, results[0], nil
}

// There implements database.Database.
func (d *programDatabase) There(ctx context.Context, sessions []uint64) (bool, error) {
	_, results, err := ask(ctx, d.watch, "SELECT id FROM information_schema.processlist WHERE id IN ("+list(sessions)+")")
	if err != nil {
		return false, fmt.Errorf("ask which sessions there are: %w", err)
	}
	return len(results[0]) > 0, nil
}

// Waiting implements database.Database. MariaDB's InnoDB says it in its report, MySQL in a table.
func (d *programDatabase) Waiting(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	if d.server.mariaDB {
		return d.waitingInMariaDB(ctx, sessions)
	}
	got, err := d.askNumbers(ctx, whoWaits(list(sessions), anyLock))
	if err != nil {
		return nil, err
	}
	all, _ := waitsOf(got)
	if slices.ContainsFunc(all, named) {
		got, err := d.askNumbers(ctx, stillWait(list(sessions), anyLock))
		if err != nil {
			return nil, err
		}
		all = withoutFree(all, got)
	}
	waiting := map[uint64]bool{}
	for _, w := range all {
		waiting[uint64(w.Session)] = true
	}
	return waiting, nil
}

// askNumbers asks who waits for a lock, in numbers.
func (d *programDatabase) askNumbers(ctx context.Context, question string) (all []int64, err error) {
	rows, err := d.askWho(ctx, question)
	for _, r := range rows {
		for _, text := range r {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("ask who waits for a lock: %w", err)
			}
			all = append(all, n)
		}
	}
	return all, err
}

func (d *programDatabase) waitingInMariaDB(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	rows, err := d.askWho(ctx, "SHOW ENGINE INNODB STATUS")
	if err != nil {
		return nil, err
	}
	waiting := map[uint64]bool{}
	for _, s := range sessions {
		waiting[s] = rowWait(rows[0][2], strconv.FormatUint(s, 10))
	}
	rows, err = d.askWho(ctx, "SELECT id FROM information_schema.processlist WHERE id IN ("+list(sessions)+") AND (state = 'User lock' OR state LIKE 'Waiting for%lock')")
	for _, r := range rows {
		id, _ := strconv.ParseUint(r[0], 10, 64)
		waiting[id] = true
	}
	return waiting, err
}

// askWho asks who waits for a lock.
func (d *programDatabase) askWho(ctx context.Context, question string) ([][]string, error) {
	_, results, err := ask(ctx, d.watch, question)
	if err != nil {
		return nil, fmt.Errorf("ask who waits for a lock: %w", err)
	}
	return results[0], nil
}

func list(sessions []uint64) string {
	texts := make([]string, len(sessions))
	for i, s := range sessions {
		texts[i] = strconv.FormatUint(s, 10)
	}
	return strings.Join(texts, ",")
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// ask runs statements, and answers the rows of each that has some, with the columns of the last.
func ask(ctx context.Context, db *sql.DB, query string) (columns []string, results [][][]string, err error) {
	all, err := resultsOf(ctx, db, query)
	for _, r := range all {
		columns, results = r.Columns, append(results, r.Rows)
	}
	return columns, results, err
}

// resultsOf runs statements, and answers the results of each.
func resultsOf(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string,
) (results []database.Result, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // they are read to their end, or the error says why not
	for more := true; more; more = rows.NextResultSet() {
		columns, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		all := [][]string{}
		values, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(places...); err != nil {
				return nil, err
			}
			row := make([]string, len(values))
			for i, v := range values {
				switch {
				case !v.Valid:
					row[i] = database.Null
				case utf8.ValidString(v.String):
					row[i] = v.String
				default: // of a binary column, as the server writes it
					row[i] = fmt.Sprintf("0x%X", v.String)
				}
			}
			all = append(all, row)
		}
		results = append(results, database.Result{Columns: columns, Rows: all})
	}
	return results, rows.Err()
}
