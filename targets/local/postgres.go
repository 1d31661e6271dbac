package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

func postgres() engine {
	return engine{
		name: Postgres, title: "PostgreSQL", programs: []string{"postgres"}, env: "LASTSEAT_POSTGRES", account: "postgres",
		hint: "no PostgreSQL server program found: ./scripts/servers installs it, or install Debian's postgresql, or set " +
			"LASTSEAT_POSTGRES to the postgres program, or LASTSEAT_POSTGRES_DSN to a running server",
		places: []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"},
		version: func(output string) string {
			return submatch(regexp.MustCompile(`^postgres \(PostgreSQL\) (\S+)`), output)
		},
		initialise: initdb,
		copies:     baseBackup,
		command:    postmaster,
		ready:      postmasterReady,
		dsn: func(port int) string {
			return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
		},
		shutdown: syscall.SIGINT,
		// An "immediate shutdown": unlike after a kill -9, its shared memory goes with it.
		quit: syscall.SIGQUIT,
	}
}

// initdb does not sync the fresh files to disk: that is of the set-up only, the server that runs on them syncs as ever.
func initdb(b Binary, _, data string) []string {
	return []string{
		filepath.Join(filepath.Dir(b.Path), "initdb"), "--pgdata=" + data, "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
	}
}

func postmaster(b Binary, l layout) []string {
	argv := []string{
		b.Path, "-D", l.data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(l.port),
		"-c", "unix_socket_directories=", "-c", "max_connections=" + strconv.Itoa(l.MaxConnections),
	}
	if l.Volatile {
		argv = append(argv, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	return append(argv, l.ExtraArgs...)
}

// postmasterReady goes by the lines of postmaster.pid that the server keeps for pg_ctl: 1 is its process id, 8 its status
// (src/include/utils/pidfile.h). A stranger on the same port cannot be taken for it.
func postmasterReady(_ context.Context, l layout, pid int) bool {
	content, err := os.ReadFile(filepath.Join(l.data, "postmaster.pid"))
	lines := strings.Split(string(content), "\n")
	return err == nil && len(lines) >= 8 && lines[0] == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}
