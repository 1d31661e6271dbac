package local

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Binary is a server program on this machine.
type Binary struct {
	Engine  Engine
	Path    string // of the program itself, symbolic links followed where its name does not matter: /usr/lib/postgresql/15/bin/postgres
	Version string // as the program tells it: 15.19, 9.7.4, 11.8.9
}

// String is "PostgreSQL 15.19".
func (b Binary) String() string {
	if e, err := lookup(b.Engine); err == nil {
		return e.title + " " + b.Version
	}
	return string(b.Engine) + " " + b.Version
}

// Inspect recognises the server program at path, or in the folder at path (its bin, sbin, usr/sbin and the like included). The
// engine is what the program itself says, whatever its name is: a mysqld may be MariaDB.
func Inspect(ctx context.Context, path string) (Binary, error) {
	if _, err := os.Stat(path); err != nil {
		return Binary{}, fmt.Errorf("look for a server program: %w", err)
	}
	var names []string
	for _, e := range engines() {
		for _, p := range programsAt(path, e) {
			if b, err := identify(ctx, p); err == nil {
				return b, nil
			}
		}
		names = append(names, e.programs...)
	}
	slices.Sort(names)
	return Binary{}, fmt.Errorf("look for a server program: %s is none, and holds none (of the names %s)", path, strings.Join(slices.Compact(names), ", "))
}

// programsAt lists what may be a server program of e: the path itself, or files in it where it is a folder.
func programsAt(path string, e engine) []string {
	if info, err := os.Stat(path); err != nil {
		return nil
	} else if !info.IsDir() {
		return []string{path}
	}
	var found []string
	for _, sub := range []string{"", "bin", "sbin", "libexec", "usr/sbin", "root/usr/sbin", "usr/lib/postgresql/*/bin", "root/usr/lib/postgresql/*/bin"} {
		for _, name := range e.programs {
			files, _ := filepath.Glob(filepath.Join(path, sub, name)) // the pattern is good; an odd path finds nothing
			slices.SortFunc(files, func(a, b string) int { return compareVersions(b, a) })
			found = append(found, files...)
		}
	}
	return found
}

const versionTimeout = 10 * time.Second

// identify asks a program for its version, if it bears the name of a server program: others may do anything when called.
func identify(ctx context.Context, path string) (Binary, error) {
	resolved, err := resolve(path)
	if err != nil {
		return Binary{}, fmt.Errorf("find %s: %w", path, err)
	}
	known := func(e engine) bool { return e.named(filepath.Base(path)) || e.named(filepath.Base(resolved)) }
	i := slices.IndexFunc(engines(), known)
	if i < 0 {
		return Binary{}, fmt.Errorf("%s is not the name of a known server program", filepath.Base(path))
	}
	argv := []string{resolved, "--version"}
	if ask := engines()[i].ask; ask != nil {
		argv = ask(resolved)
	}
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Env = environment(os.TempDir())
	out, err := cmd.Output()
	if err != nil {
		return Binary{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	for _, e := range engines() {
		if v := e.version(string(out)); v != "" && known(e) {
			return Binary{Engine: e.name, Path: resolved, Version: v}, nil
		}
	}
	return Binary{}, fmt.Errorf("%s tells an unknown version: %.80q", path, out)
}

// resolve follows symbolic links, but not that of a program which goes by the name that it is called by: Debian's redis-server is
// a link to redis-check-rdb, and checks files under that name.
func resolve(path string) (string, error) {
	called := slices.ContainsFunc(engines(), func(e engine) bool { return e.called && e.named(filepath.Base(path)) })
	if !called {
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", err
		}
		return filepath.Abs(resolved)
	}
	if _, err := os.Stat(path); err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.Abs(filepath.Join(dir, filepath.Base(path)))
}

func submatch(pattern *regexp.Regexp, s string) string {
	if m := pattern.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// compareVersions orders by the numbers in a and b, one after the other: 9.7 before 15.2, postgresql/9 before postgresql/15.
func compareVersions(a, b string) int {
	numbers := func(s string) (all []int) {
		for _, digits := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
			n, _ := strconv.Atoi(digits) // out of range: an odd name, any place in the order will do
			all = append(all, n)
		}
		return all
	}
	return cmp.Or(slices.Compare(numbers(a), numbers(b)), strings.Compare(a, b))
}
