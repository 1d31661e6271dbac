package sqlite_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// users is a folder as a user may have it: databases with tables of the names that runs use, links to them, a folder, and the
// files that a program which died left beside a database.
func users(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "mine.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"CREATE TABLE stock (id INT)", "CREATE TABLE orders (id INT)", "INSERT INTO stock VALUES (7)"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "mine.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
		os.WriteFile(filepath.Join(dir, "sub", "mine.db"), content, 0o600),
		os.WriteFile(filepath.Join(dir, "a b#c?d%20e"), content, 0o600),
		os.WriteFile(filepath.Join(dir, "hot.db-wal"), []byte("left by a crash"), 0o600),
		os.WriteFile(filepath.Join(dir, "cold.db-journal"), []byte("left by a crash"), 0o600),
		os.WriteFile(filepath.Join(dir, "warm.db-shm"), []byte("left by a crash"), 0o600),
		os.Link(filepath.Join(dir, "mine.db"), filepath.Join(dir, "hard")),
		os.Symlink("mine.db", filepath.Join(dir, "soft")),
		os.Symlink("nowhere.db", filepath.Join(dir, "dangling")),
		os.Symlink("sub", filepath.Join(dir, "linked")),
		os.Symlink("loop", filepath.Join(dir, "loop")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// contents is a folder's files with their checksums and permissions, and its links.
func contents(t interface{ Fatal(args ...any) }, dir string) map[string]string {
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		said := info.Mode().String()
		if d.Type() == fs.ModeSymlink {
			to, _ := os.Readlink(path) // it is a link
			said += " to " + to
		} else if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			said += fmt.Sprintf(" %x", sha256.Sum256(content))
		}
		all[path] = said
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// use has a server at a DSN make tables under the names of the user's, drop them, drop everything, and close.
func use(dsn string) error {
	ctx, e := context.Background(), sqlite.Engine()
	server, err := e.Open(ctx, store.OpenConfig{DSN: dsn, Connections: 2})
	if err != nil {
		return err
	}
	start := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 2}, "orders", 3)
	buy := harness.Op{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Cells: []harness.Cell{0}, Delta: -1}}}
	offer, err := server.Row(store.RowSpec{Strategy: "naive-tx", Level: harness.Serializable, Start: start, Samples: []harness.Op{buy}})
	if err == nil {
		err = offer.Target.Setup(ctx, start)
	}
	if err == nil {
		err = errors.Join(offer.Target.Close(), server.(store.Isolating).Wipe(ctx))
	}
	if err = errors.Join(err, server.Close()); err != nil {
		return fmt.Errorf("%w: %w", errUse, err)
	}
	return nil
}

// errUse is what goes wrong after a DSN was accepted.
var errUse = errors.New("use of an accepted DSN")

// TestUsersFiles: whatever way a DSN is written, what is there already stays as it is, and nothing is left.
func TestUsersFiles(t *testing.T) {
	dir := users(t)
	uri := "file://localhost" + dir
	const taken, folder = "exists: lastseat makes a file of its own", "names a folder"
	for dsn, want := range map[string]string{
		"mine.db": taken, "./mine.db": taken, "mine.db/": folder, "mine.db/.": folder, "mine.db//": folder, "sub/..": folder, "sub": taken,
		"nod/../mine.db": "cannot make", "sub/../mine.db": taken, "linked/../mine.db": taken, "linked/mine.db": taken, "mine.db/../mine.db": "cannot make",
		"hard": taken, "soft": taken, "dangling": taken, "loop": taken, "loop/x": "cannot make", "hot.db": "hot.db-wal exists", "cold.db": "cold.db-journal exists",
		"warm.db": "warm.db-shm exists", "file:mine.db": taken, "file:" + dir + "/mine.db": taken, "file://" + dir + "/mine.db": taken, uri + "/mine.db": taken,
		"file://elsewhere" + dir + "/mine.db": "after file:// comes an absolute path", "file://mine.db": "after file:// comes an absolute path",
		"file:min%65.db": taken, "file:mine%2edb": taken, "file:sub%2f..%2Fmine.db": taken, "file:mine.db%00x": "NUL", "mine.db\x00x": "NUL",
		"file:mine.db#x": "%23", "file:mine.db?mode=rwc#x": "%23", "file:free.db#x": "%23", "file:a%20b%23c%3fd%2520e": taken, "file:%zz": "%25",
		"file:free.db?vfs=unix-none": "option vfs is not taken", "file:free.db?mode=memory": "option mode is not taken",
		"free.db?vfs=memdb": "option vfs is not taken", "file:free.db?immutable=1": "option immutable is not taken", "free.db?_txlock=exclusive": "option _txlock",
		"free.db?_pragma=journal_mode(WAL)%3BATTACH+'mine.db'+AS+x": "is not taken", "free.db?_pragma=temp_store_directory('sub')": "is not taken",
		"free.db?%zz": "cannot be read", ":memory:": "no path", "file::memory:": "no path", "file:": "no path", "?x": "its name is not repeated", ".": folder, "/": folder,
		"free.db": "", "./free.db": "", "sub/free.db": "", "linked/../free.db": "", "linked/free.db": "", "file:free.db": "", uri + "/free.db": "",
		"file:fr%65e.db?_pragma=synchronous(FULL)": "", "free.db?_pragma=journal_mode(DELETE)&_pragma=synchronous=off": "",
		"free#.db": "", "fr%20ee.db": "", "a b": "", "file:free%3f.db": "", "free.db-wal": "",
	} {
		t.Run(dsn, func(t *testing.T) {
			before := contents(t, dir)
			err := use(dsn)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%q: error %v, want %q", dsn, err, want)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("%q changed the user's files: %s", dsn, diff)
			}
		})
	}
}

// TestUsersFilesDrawn draws DSNs of the pieces that they are made of.
func TestUsersFilesDrawn(t *testing.T) {
	dir := users(t)
	before := contents(t, dir)
	accepted, refused := 0, 0
	pieces := rapid.SampledFrom([]string{
		"mine.db", "free.db", "sub", "linked", "hard", "soft", "dangling", "loop", "hot.db", "nod", "..", ".", "/", "/", "/", "//", "file:", "file://", "localhost",
		dir, "%2e", "%2F", "%6dine.db", "%00", "%", "?", "&", "#", "_pragma=", "journal_mode(WAL)", "journal_mode=delete", "mode=rwc", "vfs=memdb", "cache=shared",
		"-wal", "-journal", "a b#c?d%20e", ";ATTACH 'mine.db' AS x", "\x00", " ", ":memory:",
	})
	rapid.Check(t, func(r *rapid.T) {
		dsn := strings.Join(rapid.SliceOfN(pieces, 1, 7).Draw(r, "pieces"), "")
		if abs, _ := filepath.Abs(dsn); strings.HasPrefix(dsn, "/") && !strings.HasPrefix(abs, dir) || strings.Contains(dsn, "/../../..") {
			r.Skip("leaves the test's folder")
		}
		err := use(dsn)
		switch {
		case errors.Is(err, errUse):
			r.Errorf("%q: %v", dsn, err)
		case err == nil:
			accepted++
		default:
			refused++
		}
		if diff := cmp.Diff(before, contents(r, dir)); diff != "" {
			r.Fatalf("%q changed the user's files: %s", dsn, diff)
		}
	})
	if accepted == 0 || refused == 0 {
		t.Errorf("%d DSNs accepted, %d refused: one of both was never tried", accepted, refused)
	}
}

// TestReplacedFile: another file that came in place of the run's own is left.
func TestReplacedFile(t *testing.T) {
	dir := users(t)
	server, err := sqlite.Engine().Open(t.Context(), store.OpenConfig{DSN: "free.db", Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("mine.db", "free.db"); err != nil {
		t.Fatal(err)
	}
	want := contents(t, dir)[filepath.Join(dir, "free.db")]
	if err := server.Close(); err == nil || !strings.Contains(err.Error(), "is left") {
		t.Errorf("close: %v", err)
	}
	if got := contents(t, dir)[filepath.Join(dir, "free.db")]; got != want {
		t.Errorf("the user's file was %s, and is %s", want, got)
	}
}
