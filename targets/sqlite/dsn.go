package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// parseDSN reads what a user may write for a file: a path, or a URI as https://sqlite.org/uri.html has it, either with settings
// after a question mark. It answers the one path that all of lastseat goes by: absolute, cleaned, its folder's links followed.
// Nothing of the DSN itself reaches SQLite, which would read some paths otherwise.
func parseDSN(dsn string) (*file, error) {
	raw, options, _ := strings.Cut(dsn, "?")
	f := &file{named: raw}
	var err error
	if uri, ok := strings.CutPrefix(raw, "file:"); ok {
		if f.named, err = uriPath(uri); err != nil {
			return nil, err
		}
		if strings.Contains(options, "#") {
			return nil, errFragment
		}
	}
	if f.settings, err = parseSettings(options); err != nil {
		return nil, err
	}
	if f.path, err = locate(f.named); err != nil {
		return nil, err
	}
	return f, nil
}

var errFragment = errors.New("sqlite DSN: leave out # and what follows it, or write %23 for a # in the file's name")

// uriPath is the path in what follows file: of a URI. SQLite knows no other authority than this machine.
func uriPath(uri string) (string, error) {
	if strings.Contains(uri, "#") {
		return "", errFragment
	}
	if rest, ok := strings.CutPrefix(uri, "//"); ok {
		authority, path, slash := strings.Cut(rest, "/")
		if authority != "" && authority != "localhost" || !slash {
			return "", errors.New("sqlite DSN: after file:// comes an absolute path: write file:///folder/name, or file:name")
		}
		uri = "/" + path
	}
	path, err := url.PathUnescape(uri)
	if err != nil {
		return "", errors.New("sqlite DSN: a % that two hexadecimal digits do not follow: write %25 for the % itself")
	}
	return path, nil
}

// settable are the PRAGMAs that a DSN may set: those that say how a file is written, and none that names another.
var settable = []string{
	"auto_vacuum", "automatic_index", "busy_timeout", "cache_size", "cache_spill", "cell_size_check", "checkpoint_fullfsync",
	"foreign_keys", "fullfsync", "journal_mode", "journal_size_limit", "locking_mode", "mmap_size", "page_size", "read_uncommitted",
	"secure_delete", "synchronous", "temp_store", "wal_autocheckpoint",
}

var pragma = regexp.MustCompile(`^([a-z_]+)(?:\(\s*-?\w+\s*\)|\s*=\s*-?\w+)$`)

// parseSettings takes PRAGMAs, in the driver's form. Other options of URIs and of the driver would have SQLite open another file,
// open it otherwise, or find it by another way (vfs, mode, immutable, nolock): there is none that a run needs.
func parseSettings(options string) (url.Values, error) {
	query, err := url.ParseQuery(options)
	if err != nil {
		return nil, errors.New("sqlite DSN: the options after ? cannot be read; write ?_pragma=synchronous(FULL)&_pragma=…")
	}
	for name, values := range query {
		if name != "_pragma" {
			return nil, fmt.Errorf("sqlite DSN: option %s is not taken, only _pragma is: lastseat makes and opens the file itself", named(name))
		}
		for _, v := range values {
			if m := pragma.FindStringSubmatch(v); m == nil || !slices.Contains(settable, m[1]) {
				return nil, fmt.Errorf("sqlite DSN: a _pragma is not taken; write name(value), with one of the names %s", strings.Join(settable, ", "))
			}
		}
	}
	if len(query) == 0 {
		return pragmas(), nil
	}
	return query, nil
}

// locate makes a path absolute and clean, with no link in its folder's path: SQLite names the files beside it by the same path.
func locate(path string) (string, error) {
	base := filepath.Base(path)
	switch {
	case path == "", path == ":memory:":
		return "", errors.New("sqlite DSN has no path: give the path of a file to make, or leave --dsn out")
	case strings.ContainsRune(path, 0):
		return "", errors.New("sqlite DSN: a path holds no NUL; give the path of a file to make")
	case strings.HasSuffix(path, "/"), base == ".", base == "..", strings.HasSuffix(path, "/."):
		return "", fmt.Errorf("sqlite path %s names a folder; give the path of a file to make", path)
	}
	// Clean would take nod/../mine.db for mine.db whatever nod is; the system goes through nod.
	folder, err := filepath.EvalSymlinks(strings.TrimSuffix(path, base) + ".")
	if err == nil {
		folder, err = filepath.Abs(folder)
	}
	if err != nil {
		return "", cannotMake(path, err)
	}
	return filepath.Join(folder, base), nil
}

// known are options of SQLite's URIs and of its driver. Others may be a piece of a password: messages do not repeat them.
var known = []string{"mode", "cache", "psow", "nolock", "immutable", "vfs", "modeof", "_txlock", "_time_format", "_time_integer_format", "_inttotime"}

// named is an option for a message.
func named(option string) string {
	if slices.Contains(known, option) {
		return option
	}
	return "(its name is not repeated, since it may be a piece of a password)"
}
