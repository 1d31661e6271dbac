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
	Program Program
	Path    string // of the program itself, symbolic links followed where its name does not matter: /usr/lib/postgresql/15/bin/postgres
	Version string // as the program tells it: 15.19, 9.7.4, 11.8.9
}

// String is "PostgreSQL 15.19".
func (b Binary) String() string { return b.Program.Title + " " + b.Version }

// programsAt lists what may be a server program of p: the path itself, or files in it where it is a folder, as unpacked packages have
// them.
func (p *Program) programsAt(path string) []string {
	if info, err := os.Stat(path); err != nil {
		return nil
	} else if !info.IsDir() {
		return []string{path}
	}
	subs := []string{"", "bin", "sbin", "libexec", "usr/sbin", "root/usr/sbin"}
	for _, place := range p.Places {
		subs = append(subs, place, filepath.Join("root", place))
	}
	var found []string
	for _, sub := range subs {
		for _, name := range p.Files {
			files, _ := filepath.Glob(filepath.Join(path, sub, name)) // the pattern is good; an odd path finds nothing
			slices.SortFunc(files, func(a, b string) int { return compareVersions(b, a) })
			found = append(found, files...)
		}
	}
	return found
}

const versionTimeout = 10 * time.Second

// identify asks a program for its version, if it bears the name of a server program: others may do anything when called.
func (p *Program) identify(ctx context.Context, path string) (Binary, error) {
	resolved, err := p.resolve(path)
	if err != nil {
		return Binary{}, fmt.Errorf("find %s: %w", path, err)
	}
	if !p.named(filepath.Base(path)) && !p.named(filepath.Base(resolved)) {
		return Binary{}, fmt.Errorf("%s is not the name of %s's server program", filepath.Base(path), p.Title)
	}
	argv := []string{resolved, "--version"}
	if p.Ask != nil {
		argv = p.Ask(resolved)
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
	switch title, version := p.Version(string(out)); {
	case version == "":
		return Binary{}, fmt.Errorf("%s reports an unknown version: %.80q", path, out)
	case title != p.Title:
		return Binary{}, fmt.Errorf("%s is %s %s", path, title, version)
	default:
		return Binary{Program: *p, Path: resolved, Version: version}, nil
	}
}

// resolve follows symbolic links, but not that of a program which goes by the name that it is called by: Debian's redis-server is
// a link to redis-check-rdb, and checks files under that name.
func (p *Program) resolve(path string) (string, error) {
	if !p.AsNamed || !p.named(filepath.Base(path)) {
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

// Submatch is what the pattern's first parentheses match in s; empty: it does not match. It is for Program.Version.
func Submatch(pattern *regexp.Regexp, s string) string {
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
