//go:build unix

package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
)

func TestFind(t *testing.T) {
	for _, p := range programs() {
		t.Run(p.Name, func(t *testing.T) {
			b, err := local.Find(t.Context(), p)
			if err != nil {
				absent(t, p.Name)
			}
			if b.Program.Name != p.Name || b.Version == "" || !filepath.IsAbs(b.Path) {
				t.Errorf("found %+v", b)
			}
			if again, err := local.Inspect(t.Context(), p, b.Path); err != nil || again.Path != b.Path || again.Version != b.Version {
				t.Errorf("Inspect(%s) = %+v, %v; Find: %+v", b.Path, again, err, b)
			}
		})
	}
}

func TestFindByVariable(t *testing.T) {
	dir := t.TempDir()
	fake(t, filepath.Join(dir, "maria", "usr", "sbin", "mysqld"), "mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu")
	fake(t, filepath.Join(dir, "my", "bin", "mysqld"), "mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))")
	fake(t, filepath.Join(dir, "pg", "usr", "lib", "postgresql", "9", "bin", "postgres"), "postgres (PostgreSQL) 9.6.24")
	fake(t, filepath.Join(dir, "pg", "usr", "lib", "postgresql", "19", "bin", "postgres"), "postgres (PostgreSQL) 19beta2 (Debian)")
	for _, test := range []struct {
		name        string
		engine      string
		variable    string
		value       string
		version     string // "": an error that holds all of errors
		errorsHaves []string
	}{
		{"a program", "mysql", "LASTSEAT_MYSQLD", "my/bin/mysqld", "9.7.4", nil},
		{"a folder", "mysql", "LASTSEAT_MYSQLD", "my", "9.7.4", nil},
		{"MariaDB under its old name", "mariadb", "LASTSEAT_MARIADBD", "maria", "10.11.19", nil},
		{"the newest", "postgres", "LASTSEAT_POSTGRES", "pg", "19beta2", nil},
		{"MariaDB is not MySQL", "mysql", "LASTSEAT_MYSQLD", "maria", "", []string{"MariaDB 10.11.19"}},
		{"nothing there", "postgres", "LASTSEAT_POSTGRES", "none", "", []string{"no such file"}},
		{"an empty folder", "postgres", "LASTSEAT_POSTGRES", "my", "", []string{"holds no program postgres"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(dir, test.value)
			t.Setenv(test.variable, path)
			b, err := local.Find(t.Context(), programOf(test.engine))
			if test.version != "" {
				if err != nil || b.Version != test.version || b.Program.Name != test.engine {
					t.Errorf("found %+v, %v", b, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("found %+v", b)
			}
			for _, want := range append(test.errorsHaves, test.variable, path) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

// TestFindNone: LASTSEAT_SERVERS=none hides what the machine has, and not what a variable names.
func TestFindNone(t *testing.T) {
	t.Setenv("LASTSEAT_SERVERS", "none")
	for _, own := range []string{"POSTGRES", "MYSQLD", "MARIADBD", "REDIS_SERVER", "ZOOKEEPER"} {
		t.Setenv("LASTSEAT_"+own, "")
	}
	var missing *local.NotFoundError
	for _, p := range programs() {
		if b, err := local.Find(t.Context(), p); !errors.As(err, &missing) {
			t.Errorf("%s: found %+v, %v", p.Name, b, err)
		}
		if all := local.All(t.Context(), p); len(all) > 0 {
			t.Errorf("found %v", all)
		}
	}
	program := filepath.Join(t.TempDir(), "mysqld")
	fake(t, program, "mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))")
	t.Setenv("LASTSEAT_MYSQLD", program)
	if b, err := local.Find(t.Context(), mysql.Mysqld()); err != nil || b.Path != program {
		t.Errorf("found %+v, %v", b, err)
	}
}

func fake(t *testing.T, path, version string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+version+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestResolveLeavesADSNAlone(t *testing.T) {
	for _, dsn := range []string{"postgres://u:p@h/db", "host=/tmp user=u", "u:p@tcp(h:3306)/db", "/"} {
		got, s, err := local.Resolve(t.Context(), programOf("mysql"), dsn, local.Options{})
		if got != dsn || s != nil || err != nil {
			t.Errorf("Resolve(%q) = %q, %v, %v", dsn, got, s, err)
		}
	}
	if _, _, err := local.Resolve(t.Context(), programOf("postgres"), "/no/such/postgres", local.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that leads nowhere: %v", err)
	}
}
