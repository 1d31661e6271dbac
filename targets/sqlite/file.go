package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// file is a database file that this run made, and alone may empty and remove.
type file struct {
	named    string // as the user wrote its path
	path     string // absolute and clean
	settings url.Values
	made     []string      // the files that the run made, the database's own first
	identity fs.FileInfo   // of the database's own
	folder   *local.Folder // that it lies in, where the run made that too
}

// suffixes name the files that SQLite keeps beside a database. One that is there before is the user's: SQLite would take it for the
// database's own, and delete it.
func suffixes() []string { return []string{"-journal", "-wal", "-shm"} }

// place makes the file: in a temporary folder of its own, or at the DSN's path, where nothing may be yet.
func place(dsn string) (*file, error) {
	if dsn != "" {
		f, err := parseDSN(dsn)
		if err != nil {
			return nil, err
		}
		return f, f.make()
	}
	folder, err := local.NewFolder("lastseat-sqlite-")
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	f := &file{named: "shop.db", path: filepath.Join(folder.Path(), "shop.db"), settings: pragmas(), folder: folder}
	if err := f.make(); err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return f, nil
}

// make makes the database's file and those beside it, all empty, or none where one is there already. O_EXCL follows no link, not
// even one that leads nowhere.
func (f *file) make() error {
	for _, suffix := range append([]string{""}, suffixes()...) {
		path := f.path + suffix
		made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.made = append(f.made, path)
			if suffix == "" {
				f.identity, err = made.Stat()
			}
			err = errors.Join(err, made.Close())
		}
		switch {
		case errors.Is(err, fs.ErrExist):
			err = fmt.Errorf("sqlite file %s exists: lastseat makes a file of its own and removes it; give a path that is free", f.named+suffix)
			return errors.Join(err, f.removeMade())
		case err != nil:
			return errors.Join(cannotMake(f.named+suffix, err), f.removeMade())
		}
	}
	return nil
}

func cannotMake(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if strings.ContainsAny(path, ":@=") { // it is rather a DSN of another engine's, with a password in it
		path = "that the DSN names"
	}
	return &sqldb.OpenError{What: "cannot make the sqlite file " + path, Err: err, Do: "give a path in a folder that can be written"}
}

// dsn has SQLite open the file that is there, and make none.
func (f *file) dsn() string {
	query := url.Values{"mode": {"rw"}}
	for name, values := range f.settings {
		query[name] = values
	}
	return "file:" + (&url.URL{Path: f.path}).EscapedPath() + "?" + query.Encode()
}

const removeTimeout = 15 * time.Second

// remove removes what this run made.
func (f *file) remove() error {
	if f.folder == nil {
		return f.removeMade()
	}
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	return f.folder.Remove(ctx)
}

// removeMade removes the files one by one, unless another has come in place of the database's: then those beside it belong to
// somebody else as well. SQLite deletes its own files and makes them again; the database's stays the same.
func (f *file) removeMade() error {
	if len(f.made) == 0 {
		return nil
	}
	if now, err := os.Lstat(f.path); err == nil && !os.SameFile(now, f.identity) {
		return fmt.Errorf("sqlite file %s is another one than this run made, and is left; look at it, and at those beside it", f.named)
	}
	var errs []error
	for _, path := range slices.Backward(f.made) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove a sqlite file: %w", err))
		}
	}
	return errors.Join(errs...)
}
