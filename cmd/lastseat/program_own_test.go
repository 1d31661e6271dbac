package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// urlOf is a server's address as files of programs name it, for a user.
func urlOf(t *testing.T, e string, s *local.Server, user, secret string) string {
	t.Helper()
	u := &url.URL{Scheme: e, User: url.UserPassword(user, secret), Path: "/"}
	if e == "postgres" {
		own, err := url.Parse(s.DSN())
		if err != nil {
			t.Fatal(err)
		}
		u.Host, u.Path = own.Host, "/postgres"
		return u.String()
	}
	_, rest, _ := strings.Cut(s.DSN(), "tcp(")
	u.Host, _, _ = strings.Cut(rest, ")")
	return u.String()
}

// ownFor is a server of the user's with tables, and its address for a user that may do no more than programs need.
func ownFor(t *testing.T, e string) (*own, string) {
	t.Helper()
	s := mortal(t, e)
	o := ownOn(t, e, s)
	create := []string{"CREATE ROLE maker LOGIN CREATEDB PASSWORD '" + password + "'"}
	if e != "postgres" {
		create = []string{
			"CREATE USER maker@'127.0.0.1' IDENTIFIED BY '" + password + "'", "GRANT ALL ON `lastseat\\_%`.* TO maker@'127.0.0.1'", "GRANT PROCESS ON *.* TO maker@'127.0.0.1'",
		}
	}
	execAll(t, o.db, create...)
	return o, urlOf(t, e, s, "maker", password)
}

// programDatabases are those that lastseat has made for programs.
func (o *own) programDatabases(t *testing.T) []string {
	t.Helper()
	if o.engine == "postgres" {
		return texts(t, o.db, `SELECT datname::text FROM pg_database WHERE datname LIKE 'lastseat%' ORDER BY 1`)
	}
	return texts(t, o.db, `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'lastseat%' ORDER BY 1`)
}

// untouched says that the server holds what is the user's, as it was, and nothing else.
func (o *own) untouched(t *testing.T) {
	t.Helper()
	if left := o.programDatabases(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if now := o.contents(t); !slices.Equal(now, o.before) {
		t.Errorf("the user's tables hold %q, want %q", now, o.before)
	}
}

// TestProgramOwn: on a server of the user's, lastseat works in a database of its own, as a user that may make one and no more. It is gone at
// the end and after Ctrl-C; after kill -9 clean finds it, and not before.
func TestProgramOwn(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			o, address := ownFor(t, e)
			racy := shopFile(t, []string{"seat/racy"}, map[string]string{"database": address})
			begin(t, "", "explore", racy).exits(suite.ExitBroken, "schedules end as no serial order gives", "lost update (P4)")
			o.untouched(t)
			begin(t, "", "explore", shopFile(t, []string{"seat/lock"}, map[string]string{"database": address})).exits(suite.ExitAsExpected, "safe: none of")
			o.untouched(t)

			long := []string{"explore", shopFile(t, []string{"transfer/serializable"}, map[string]string{"database": address}), "--clients", "3", "--budget", "100000000"}
			p := begin(t, "", long...)
			until(t, "a database", func() bool { return len(o.programDatabases(t)) > 0 })
			_ = p.cmd.Process.Signal(os.Interrupt)
			p.exits(suite.ExitInterrupted, "INTERRUPTED")
			o.untouched(t)

			for phase, lines := range map[string]map[string]string{
				"set-up": {"setup": "{run: touch %s; sleep 3600}"}, "start": {"app": "touch %s; sleep 3600"}, "request": {"env": "{MARK: %s}"},
			} {
				mark := filepath.Join(t.TempDir(), "begun")
				for key, line := range lines {
					lines[key] = fmt.Sprintf(line, mark)
				}
				lines["database"] = address
				p := begin(t, "", "explore", shopFile(t, []string{"sleeps/x"}, lines))
				until(t, phase, func() bool { _, err := os.Stat(mark); return err == nil })
				_ = p.cmd.Process.Signal(os.Interrupt)
				p.exits(suite.ExitInterrupted, "INTERRUPTED")
				o.untouched(t)
			}

			killed := begin(t, "", long...)
			until(t, "a database", func() bool { return len(o.programDatabases(t)) > 0 })
			name := strings.TrimSuffix(o.programDatabases(t)[0], "_seed")
			clean := []string{"clean", "--target", e, "--dsn", o.dsn}
			begin(t, "", clean...).exits(suite.ExitAsExpected, name, "left alone: its run is alive")
			_ = killed.cmd.Process.Kill()
			_ = killed.cmd.Wait()
			until(t, "the server has seen the end of the killed run's sessions", func() bool {
				p := begin(t, "", append(clean, "--dry-run")...).exits(suite.ExitAsExpected, name)
				return strings.Contains(p.stdout.String(), "dead, would be dropped")
			})
			theirs := o.makeTheirs(t)
			begin(t, "", clean...).exits(suite.ExitAsExpected, "dropped", theirs, "it holds no marker of lastseat")
			if left := o.programDatabases(t); !slices.Equal(left, []string{theirs}) {
				t.Errorf("clean has left %v, want %s alone", left, theirs)
			}
			execAll(t, o.db, "DROP DATABASE "+theirs)
			o.untouched(t)
		})
	}
}

// makeTheirs makes a database that merely has such a name.
func (o *own) makeTheirs(t *testing.T) string {
	const name = "lastseat_app_0123abcd"
	execAll(t, o.db, "CREATE DATABASE "+name)
	return name
}

// TestProgramOwnRights: what a user of one's own server lacks is said in one sentence, before anything is made.
func TestProgramOwnRights(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		create, says := []string{"CREATE ROLE nobody LOGIN PASSWORD '" + password + "'"}, []string{"no right to create a database", "ALTER ROLE nobody CREATEDB"}
		if e == "mariadb" {
			create, says = []string{"CREATE USER nobody@'127.0.0.1' IDENTIFIED BY '" + password + "'"}, []string{"no right to see who waits for locks", "GRANT PROCESS ON *.*"}
		}
		execAll(t, db, create...)
		file := shopFile(t, []string{"seat/racy"}, map[string]string{"database": urlOf(t, e, s, "nobody", password)})
		p := begin(t, "", "explore", file).exits(suite.ExitSetup, says...)
		if e == "mariadb" {
			execAll(t, db, "GRANT PROCESS ON *.* TO nobody@'127.0.0.1'")
			p = begin(t, "", "explore", file).exits(suite.ExitSetup, "no right to create a database", "GRANT ALL ON `lastseat\\_%`.* TO 'nobody'@'%'")
		}
		if text := p.stdout.String() + p.stderr.String(); strings.Contains(text, password) {
			t.Errorf("it repeats the password: %s", text)
		}
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		wrong := shopFile(t, []string{"seat/racy"}, map[string]string{"database": urlOf(t, e, s, "nobody", "wrong-"+password)})
		begin(t, "", "explore", wrong).exits(suite.ExitSetup, "refuses user nobody")
		gone := shopFile(t, []string{"seat/racy"}, map[string]string{"database": fmt.Sprintf("%s://nobody:%s@127.0.0.1:1/postgres", e, password)})
		begin(t, "", "explore", gone).exits(suite.ExitSetup, "cannot reach")
	})
}
