// Package mysql is the MySQL target and the MariaDB target: one driver, two engines whose isolation levels differ. In goes a
// DSN or a server program, out comes a store.Server whose tables live in a database of the run's own. Which of the two a
// server is, is read back from it. Start at MySQL and MariaDB.
package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/nonblock"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/wire"
)

// MySQL is the table's line for MySQL.
func MySQL() store.Engine {
	return store.Engine{
		Name: "mysql", Product: "MySQL", SQL: true, Strategies: sqldb.Infos(), Open: opener(Mysqld(), nil), DSNEnv: "LASTSEAT_MYSQL_DSN", Clean: clean,
		Schemes: []string{"mysql"}, Programs: []string{"mysqld"}, Installed: Mysqld().Installed, SetLevel: setLevel,
		Declared:    []store.Declared{(&product{major: 8}).declared("MySQL")},
		LockTimeout: briefly(), Lanes: 2,
		Explain: "a MySQL server: yours by DSN, or a throwaway one from the programs on this machine",
	}
}

// MariaDB is the table's line for MariaDB.
func MariaDB() store.Engine {
	return store.Engine{
		Name: "mariadb", Product: "MariaDB", SQL: true, Strategies: sqldb.Infos(), Open: opener(Mariadbd(), nil), DSNEnv: "LASTSEAT_MARIADB_DSN", Clean: clean,
		Schemes: []string{"mariadb"}, Prefixes: []string{"maria"}, Programs: []string{"mariadbd"}, Installed: Mariadbd().Installed, SetLevel: setLevel,
		Declared: []store.Declared{
			(&product{mariaDB: true, major: 10}).declared("MariaDB before 11"),
			(&product{mariaDB: true, major: 10, snapshotIsolation: true}).declared("MariaDB before 11 with innodb_snapshot_isolation ON"),
			(&product{mariaDB: true, major: 11}).declared("MariaDB from 11 on with innodb_snapshot_isolation OFF"),
			(&product{mariaDB: true, major: 11, snapshotIsolation: true}).declared("MariaDB from 11 on with innodb_snapshot_isolation ON"),
		},
		LockTimeout: briefly(), Lanes: 3,
		Explain: "a MariaDB server: no stand-in for MySQL, their levels differ",
	}
}

func briefly() store.LockTimeout {
	return store.LockTimeout{Code: "1205", GoesOn: true, Second: "SET SESSION innodb_lock_wait_timeout = 1"}
}

func setLevel(l harness.Level) string { return "SET SESSION TRANSACTION ISOLATION LEVEL " + l.SQL() }

const (
	connectTimeout = 10 * time.Second
	prepareTimeout = 20 * time.Second // for all that is asked and made before the first row
	lockTimeout    = "5"              // seconds
)

// product is what kind of server answered.
type product struct {
	mariaDB           bool
	major             int
	snapshotIsolation bool   // the server's innodb_snapshot_isolation
	hasSnapshot       bool   // it has such a setting: MariaDB 10.6.18, 10.11.8, 11.4.2 and later
	levelVariable     string // that holds the session's isolation level
}

func (p *product) String() string {
	if p.mariaDB {
		return "MariaDB"
	}
	return "MySQL"
}

// server is what open finds out, piece by piece.
type server struct {
	kind      *clusterKind // nil: it is one server
	more      []string     // addresses of a cluster's other servers
	name      string       // of the run's database
	dsn       string       // as it was given
	cfg       *mysqldriver.Config
	local     *local.Server               // the throwaway server; nil on the user's own, and where it is a cluster
	stop      func(context.Context) error // stops what was started for the run; nil: the servers are the user's own
	admin     *sql.DB                     // without a database
	own       *mysqldriver.Config         // of sessions in the run's database
	made      bool                        // the run's database
	collation string                      // of databases that ask for none
	alive     *sqldb.Keeper               // nil before there is a database, and on a throwaway server
	holder    *sql.Conn                   // the session that holds the lock of the run's name; nil: none does
	product   product
	info      store.ServerInfo
	database  bool // connections go through database/sql
}

// opener opens single servers of a program, or clusters of a kind.
func opener(program local.Program, kind *clusterKind) func(context.Context, store.OpenConfig) (store.Server, error) {
	return func(ctx context.Context, cfg store.OpenConfig) (store.Server, error) {
		name, key := sqldb.RunName(cfg)
		s := &server{name: name, kind: kind, database: cfg.Driver}
		if err := s.find(ctx, program, &cfg); err != nil {
			return nil, err
		}
		s.info.Throwaway = s.stop != nil
		if cfg.Driver {
			s.info.Wire = "go-sql-driver/mysql and database/sql"
		}
		if err := s.reach(ctx, s.dsn); err != nil {
			return nil, sqldb.CleanUp(ctx, err, s.drop)
		}
		if err := sqldb.Within(ctx, prepareTimeout, func(ctx context.Context) error { return s.prepare(ctx, cfg) }); err != nil {
			return nil, sqldb.CleanUp(ctx, err, s.drop)
		}
		c := sqldb.Config{
			Dialect: dialect(name, &s.product), Info: s.info, Levels: harness.Levels(), Isolation: s.product.isolation,
			Connect: s.connect, Drop: s.drop, Wipe: s.wipe, Variants: s.product.variants(), Key: key, ConnInfo: s.connInfo, Schema: name,
			DSN: s.dsn, Elsewhere: cfg.Workers > 0, MayConnect: cfg.MayConnect,
			Home: "SELECT COALESCE(DATABASE(), '')", Wire: wire.MySQL(),
			LockSession: s.lockSession, Settle: s.settle,
			Mortal: sqldb.MortalOf(s.local), Settable: []string{flushLog},
		}
		if s.local != nil {
			c.Set = s.set
		}
		s.spread(&c)
		return sqldb.NewServer(ctx, c)
	}
}

// find starts what there is no DSN for.
func (s *server) find(ctx context.Context, program local.Program, cfg *store.OpenConfig) (err error) {
	o := options(program, cfg)
	if s.kind != nil {
		return s.findCluster(ctx, program, cfg.DSN, o)
	}
	s.dsn, s.local, err = local.Resolve(ctx, program, cfg.DSN, o)
	if s.local != nil {
		s.stop = s.local.Stop
	}
	return err
}

// options of a throwaway server. Statistics that are taken anew change plans, and with them which locks a statement takes: where
// statements are stepped one by one, the same must happen again. MySQL's binary log is there for replicas and for recovery,
// and without a flush method it syncs its files once a second and with each table made.
func options(program local.Program, cfg *store.OpenConfig) local.Options {
	o := local.Options{Volatile: cfg.Volatile, Socket: cfg.Socket}
	if cfg.Volatile {
		o.ExtraArgs = []string{"--innodb-stats-auto-recalc=OFF", "--innodb-stats-persistent=ON"}
		if program.Name == "mysql" {
			o.ExtraArgs = append(o.ExtraArgs, "--skip-log-bin", "--innodb-flush-method=nosync")
		}
	}
	return o
}

// reach connects once, to see whether the server can be used at all.
func (s *server) reach(ctx context.Context, dsn string) error {
	cfg, more, err := parseHosts(dsn)
	if err == nil && s.kind == nil {
		cfg, err = parseDSN(dsn)
	}
	if err != nil {
		return err
	}
	s.more = append(s.more, more...)
	s.kind.params(cfg)
	cfg.DBName = ""
	cfg.Timeout = cmp.Or(cfg.Timeout, connectTimeout)
	cfg.ClientFoundRows = true
	cfg.Logger = &mysqldriver.NopLogger{}
	s.cfg = cfg
	if s.admin, err = openDB(cfg); err != nil {
		return err
	}
	s.admin.SetMaxIdleConns(1) // a server frees a connection a moment after its end: one that were opened for each question might find no room
	return s.unreachable(sqldb.Within(ctx, cfg.Timeout, s.admin.PingContext))
}

func openDB(cfg *mysqldriver.Config) (*sql.DB, error) {
	c, err := newConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxIdleConns(0)
	return db, nil
}

// unreachable says in one sentence why there is no connection, without the DSN.
func (s *server) unreachable(err error) error {
	what := fmt.Sprintf("the server at %s refuses %s", s.cfg.Addr, sqldb.UserText(s.cfg.User))
	switch errorNumber(err) {
	case errAccess:
		return &sqldb.OpenError{What: what, Err: err, Do: "correct user and password in the DSN"}
	case errTooMany:
		return &sqldb.OpenError{What: what, Err: err, Do: "free connections on the server, or raise its max_connections"}
	case errTooManyOfUser, errUserLimit:
		return &sqldb.OpenError{What: what, Err: err, Do: "free connections of this user, or raise its max_user_connections"}
	case 0:
		if err == nil {
			return nil
		}
		return &sqldb.OpenError{What: "cannot reach a server at " + s.cfg.Addr, Err: store.Innermost(err), Do: "start the server, or correct the DSN"}
	}
	// The server's text can quote an option of the DSN.
	return &sqldb.OpenError{What: what, Err: &hiddenError{errorNumber(err), err}, Do: "see the server's log, and the options in the DSN"}
}

// variable reads a server variable; "" where the server has none of that name.
func (s *server) variable(ctx context.Context, name string) (string, error) {
	var got, value string
	err := s.admin.QueryRowContext(ctx, "SHOW GLOBAL VARIABLES LIKE '"+name+"'").Scan(&got, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

// prepare reads the server's settings back, checks that there is room, and makes the run's database.
func (s *server) prepare(ctx context.Context, cfg store.OpenConfig) error {
	if err := s.inspect(ctx); err != nil {
		return err
	}
	if err := s.members(ctx); err != nil {
		return err
	}
	limits, err := s.limits(ctx)
	if err != nil {
		return err
	}
	if s.info.Connections, s.info.Note, err = sqldb.Room(cfg, limits...); err != nil {
		return err
	}
	if err := s.makeDatabase(ctx, cfg.Attach == ""); err != nil {
		if n := errorNumber(err); n == errAccessDatabase || n == errAccess {
			return &sqldb.OpenError{
				What: "no right to create a database", Err: err,
				Do: fmt.Sprintf("GRANT ALL ON `lastseat\\_%%`.* TO '%s'@'%%', or use another user", s.cfg.User),
			}
		}
		return fmt.Errorf("create database %s: %w", s.name, err)
	}
	own := s.cfg.Clone()
	own.DBName = s.name
	if own.Params == nil {
		own.Params = map[string]string{}
	}
	if own.Params["innodb_lock_wait_timeout"] = lockTimeout; cfg.BriefWaits {
		own.Params["innodb_lock_wait_timeout"] = "1"
	}
	s.own = own
	return nil
}

// durability are the settings that decide whether an acknowledged commit survives.
var durability = [...]string{flushLog, "sync_binlog", "log_bin", "innodb_doublewrite", snapshotSetting}

// snapshotSetting has MariaDB's repeatable read refuse what another transaction changed after the snapshot.
const snapshotSetting = "innodb_snapshot_isolation"

// inspect finds out what answered, and how it is set.
func (s *server) inspect(ctx context.Context) error {
	version, err := s.variable(ctx, "version")
	if err != nil {
		return err
	}
	s.product.mariaDB = strings.Contains(version, "MariaDB")
	s.info.Product = s.product.String()
	s.info.Version, _, _ = strings.Cut(version, "-")
	major, _, _ := strings.Cut(version, ".")
	if s.product.major, err = strconv.Atoi(major); err != nil {
		return fmt.Errorf("read the version %q: %w", version, err)
	}
	// MySQL 9 knows only the new name, MariaDB 10 only the old one.
	for _, name := range []string{"transaction_isolation", "tx_isolation"} {
		level, err := s.variable(ctx, name)
		if err != nil {
			return err
		}
		if level != "" {
			s.product.levelVariable = name
			s.info.DefaultLevel = harness.Level(strings.ToLower(level))
			break
		}
	}
	for _, name := range durability {
		v, err := s.variable(ctx, name)
		if err != nil {
			return err
		}
		if v != "" {
			s.info.Settings = append(s.info.Settings, store.Setting{Name: name, Value: v})
		}
	}
	s.product.hasSnapshot = s.info.Setting(snapshotSetting) != ""
	s.product.snapshotIsolation = s.info.Setting(snapshotSetting) == "ON"
	s.info.Durable = s.info.Setting(flushLog) == "1" &&
		(s.info.Setting("log_bin") == "OFF" || s.info.Setting("sync_binlog") == "1")
	return nil
}

func (s *server) connect(ctx context.Context, route store.Route) (sqldb.Conn, error) {
	return s.connectTo(ctx, s.own.Addr, route)
}

// connectTo opens a connection to one of the servers.
func (s *server) connectTo(ctx context.Context, address string, route store.Route) (sqldb.Conn, error) {
	own := s.own.Clone()
	own.Addr = address
	own.MultiStatements = true // for what is asked in one round trip
	var network net.Conn
	dial := new(net.Dialer).DialContext
	if route != nil {
		dial = route.Dial
	}
	if !s.database {
		dial = nonblock.Dial(dial)
	}
	own.DialFunc = func(ctx context.Context, kind, addr string) (c net.Conn, err error) {
		network, err = dial(ctx, kind, addr)
		return network, err
	}
	connector, err := newConnector(own)
	if err != nil {
		return nil, err
	}
	var c sqldb.Conn
	err = sqldb.Within(ctx, own.Timeout, func(ctx context.Context) (err error) {
		if s.database {
			c, err = throughDatabase(ctx, connector, &network)
		} else {
			c, err = newConn(ctx, connector, &network)
		}
		return err
	})
	if err != nil {
		return nil, s.unreachable(err)
	}
	return c, nil
}

// connectionID asks for the session's number.
const connectionID = "SELECT CONNECTION_ID()"

// throughDatabase is a connection of database/sql, as programs have it. A DB of its own makes it known which connection of the network
// is the session's.
func throughDatabase(ctx context.Context, connector driver.Connector, network *net.Conn) (sqldb.Conn, error) {
	db := sql.OpenDB(connector)
	c, err := sqldb.OpenStd(ctx, db, connectionID, lost)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	c.Abort = func() { _ = (*network).Close() } // what was on it is lost, and its reader says so
	return c, nil
}

// drop removes the run's database, or the whole throwaway server.
func (s *server) drop(ctx context.Context) error {
	var errs []error
	s.alive.Stop()
	if s.made && s.stop == nil {
		if _, err := s.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+s.name); err != nil {
			errs = append(errs, &sqldb.OpenError{
				What: fmt.Sprintf("database %s is left on the server at %s", s.name, s.cfg.Addr), Err: store.Innermost(err),
				Do: fmt.Sprintf("when it answers, run lastseat clean --target %s --dsn …, or DROP DATABASE %s there", s.target(), s.name),
			})
		}
	}
	s.release()
	if s.admin != nil {
		_ = s.admin.Close() // nothing is pending on it, and its server may have been killed since
	}
	if s.stop != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sqldb.StopTimeout)
		defer cancel()
		errs = append(errs, s.stop(ctx))
	}
	return errors.Join(errs...)
}
