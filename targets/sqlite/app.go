package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/wire"
)

// Databases is what programs of the user's need of this engine: files, which they open themselves. There is no wire between them.
func Databases() database.Engine {
	return database.Engine{
		Name: "sqlite", Product: "SQLite", Unwired: true, Protocol: wire.Postgres(), Open: openProgram,
		Naming:   database.Naming{Drivers: []string{"better-sqlite3", "sqlite3", "modernc.org/sqlite"}, Django: "sqlite3", Laravel: "sqlite"},
		Snapshot: func(harness.Level) bool { return true },
		Watches:  func(harness.Level) bool { return false },
		Locking:  func(harness.Level) database.Locking { return database.Locking{FirstWins: true} },
		Conflict: func(string, int) harness.Conflict { return harness.NoConflict },
		Reach:    func(harness.Level) database.Reach { return database.Reach{None: "on SQLite"} },
	}
}

// programServer is a folder of files.
type programServer struct {
	dir, version string
	open         []*programFile
}

func openProgram(ctx context.Context, named string, _ bool) (database.Server, error) {
	if named != "" {
		return nil, errors.New("programs on SQLite get files of lastseat's own: write database: sqlite")
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // it holds nothing
	s := &programServer{}
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&s.version); err != nil {
		return nil, err
	}
	s.dir, err = os.MkdirTemp("", "lastseat-app-")
	return s, err
}

// About implements database.Server.
func (s *programServer) About() database.About {
	return database.About{Product: "SQLite", Version: s.version, Throwaway: true, Level: harness.Serializable}
}

// Close implements database.Server.
func (s *programServer) Close(context.Context) error {
	var errs []error
	for _, d := range s.open {
		errs = append(errs, d.db.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// Create implements database.Server.
func (s *programServer) Create(ctx context.Context, name string) (database.Database, error) {
	d := &programFile{path: filepath.Join(s.dir, name+".db")}
	var err error
	if d.db, err = d.open(ctx); err != nil {
		return nil, err
	}
	s.open = append(s.open, d)
	_, err = d.db.ExecContext(ctx, "ATTACH ? AS lastseat_keep", d.path+"-keep")
	return d, err
}

// programFile is one of them.
type programFile struct {
	path string
	db   *sql.DB
}

// open opens a connection of lastseat's own. It waits for the program's.
func (d *programFile) open(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: d.path}).EscapedPath()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Name implements database.Database: programs name their file.
func (d *programFile) Name() string { return d.path }

// URL implements database.Database: with four slashes, which is how a path from the root is written in most languages.
func (d *programFile) URL(string, *url.Userinfo) *url.URL {
	return &url.URL{Scheme: "sqlite", Path: "/" + d.path}
}

// Proxied implements database.Database: nobody gets there by a wire.
func (d *programFile) Proxied(database.Sessions) (proxy.Server, error) {
	return proxy.Server{Protocol: wire.Postgres(), Database: d.path, Enter: func(context.Context, net.Conn, *proxy.Account) (*proxy.Entry, error) {
		return nil, errors.New("SQLite has no server: the program's database is the file " + d.path)
	}}, nil
}

// Exec implements database.Database.
func (d *programFile) Exec(ctx context.Context, text string) error {
	_, err := d.db.ExecContext(ctx, text)
	return err
}

// Query implements database.Database.
func (d *programFile) Query(ctx context.Context, text string) (columns []string, rows [][]string, err error) {
	return texts(ctx, d.db, text)
}

// Catalog implements database.Database.
func (d *programFile) Catalog(ctx context.Context) (*database.Catalog, error) {
	t := &fileTables{db: d.db}
	if err := t.find(ctx); err != nil {
		return nil, err
	}
	c := &database.Catalog{}
	for i := range t.all {
		one := database.Table{Name: t.all[i].Name, SQL: quoted(t.all[i].Name), Bare: t.all[i].Name, Columns: t.all[i].Columns, Keys: t.all[i].Keys}
		generated, err := t.query(ctx, "SELECT name FROM pragma_table_xinfo("+literal(one.Name)+") WHERE hidden IN (2, 3)")
		if err != nil {
			return nil, err
		}
		for _, r := range generated {
			one.Generated = append(one.Generated, r[0])
		}
		triggers, err := t.query(ctx, "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = "+literal(one.Name))
		if err != nil {
			return nil, err
		}
		one.Triggers = len(triggers) > 0
		c.Tables = append(c.Tables, one)
	}
	return c, nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Read implements database.Database.
func (d *programFile) Read(ctx context.Context, c *database.Catalog) (database.Contents, error) {
	t := &fileTables{db: d.db}
	for i := range c.Tables {
		t.all = append(t.all, store.Table{Name: c.Tables[i].Name})
	}
	read, err := t.Read(ctx)
	if err != nil {
		return nil, err
	}
	all := make(database.Contents, len(read))
	for i := range read {
		all[i] = read[i].Rows
	}
	return all, nil
}

func copyOf(i int) string { return fmt.Sprintf("lastseat_keep.t%d", i) }

// Keep implements database.Database: copies stand in a file beside.
func (d *programFile) Keep(ctx context.Context, c *database.Catalog) error {
	var b strings.Builder
	for i := range c.Tables {
		fmt.Fprintf(&b, "DROP TABLE IF EXISTS %s; CREATE TABLE %s AS SELECT * FROM main.%s;", copyOf(i), copyOf(i), c.Tables[i].SQL)
	}
	return d.Exec(ctx, b.String())
}

// Restore implements database.Database. Foreign keys are off, as they are unless a connection asks for them.
func (d *programFile) Restore(ctx context.Context, c *database.Catalog, tables []int) error {
	var b strings.Builder
	b.WriteString("BEGIN IMMEDIATE;")
	for _, i := range tables {
		t := &c.Tables[i]
		var columns []string
		for _, name := range t.Columns {
			if !slices.Contains(t.Generated, name) {
				columns = append(columns, quoted(name))
			}
		}
		list := strings.Join(columns, ", ")
		fmt.Fprintf(&b, "DELETE FROM main.%s; INSERT INTO main.%s (%s) SELECT %s FROM %s;", t.SQL, t.SQL, list, list, copyOf(i))
	}
	b.WriteString("COMMIT")
	if err := d.Exec(ctx, b.String()); err != nil {
		_ = d.Exec(context.WithoutCancel(ctx), "ROLLBACK") // there may be none
		return err
	}
	return nil
}

// Jump implements database.Database.
func (d *programFile) Jump(ctx context.Context, _ *database.Catalog) error {
	return (&fileTables{db: d.db}).Jump(ctx)
}

// There implements database.Database.
func (d *programFile) There(context.Context, []uint64) (bool, error) { return false, nil }

// Waiting implements database.Database: there is nobody to ask.
func (d *programFile) Waiting(context.Context, []uint64) (map[uint64]bool, error) {
	return map[uint64]bool{}, nil
}

// InstallGates implements database.Gates, and so do the others: there are none.
func (d *programFile) InstallGates(context.Context) error { return errors.New("SQLite has none") }

// CloseGate implements database.Gates.
func (d *programFile) CloseGate(context.Context, uint64) error { return nil }

// OpenGate implements database.Gates.
func (d *programFile) OpenGate(context.Context, uint64) error { return nil }

// AtGate implements database.Gates.
func (d *programFile) AtGate(context.Context, []uint64) (map[uint64]bool, error) {
	return map[uint64]bool{}, nil
}

// Session implements database.Database.
func (d *programFile) Session(ctx context.Context) (database.Session, error) {
	db, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	return fileSession{db}, nil
}

type fileSession struct{ db *sql.DB }

// Query implements database.Session.
func (s fileSession) Query(ctx context.Context, text string) ([][]string, error) {
	_, rows, err := texts(ctx, s.db, text)
	return rows, err
}

// Close implements database.Session.
func (s fileSession) Close(context.Context) error { return s.db.Close() }
