package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/lastseat/lastseat/targets/local"
)

// Program is PostgreSQL's server program, from which throwaway servers are started.
func Program() local.Program {
	return local.Program{
		Name: "postgres", Title: "PostgreSQL", Files: []string{"postgres"}, Env: "LASTSEAT_POSTGRES", Account: "postgres",
		Hint: "no PostgreSQL server program found: ./scripts/servers installs it, or install Debian's postgresql, or set " +
			"LASTSEAT_POSTGRES to the postgres program, or LASTSEAT_POSTGRES_DSN to a running server",
		Places: []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"},
		Version: func(output string) (title, version string) {
			return "PostgreSQL", local.Submatch(regexp.MustCompile(`^postgres \(PostgreSQL\) (\S+)`), output)
		},
		Initialise: initdb, Write: files, Command: postmaster, Ready: ready,
		// Copies have one system identifier, which a standby compares with its primary's, and nobody else.
		CopyWithout: []string{}, Own: setPassword,
		DSN: func(l local.Layout) string {
			if l.SocketPath(socketFile(l)) != "" {
				return fmt.Sprintf("postgres://postgres:%s@/postgres?host=%s&port=%d", l.Password, l.Data, l.Port)
			}
			return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", l.Password, l.Port)
		},
		Shutdown: syscall.SIGINT,
		// An "immediate shutdown": unlike after a kill -9, its shared memory goes with it.
		Quit: syscall.SIGQUIT,
	}
}

const (
	newPasswordFile = "password" // what initdb reads
	oldPasswordFile = "plain"    // what that of 13 and before reads: no more than 99 characters
	ownPasswordFile = "own.sql"  // what a copy of what initdb has made is given
	passFile        = "pgpass"   // what a standby reads to reach its primary
)

func files(l local.Layout) []local.File {
	kept := verifier(l.Password)
	return []local.File{
		{Name: newPasswordFile, Content: kept + "\n", Once: true},
		{Name: oldPasswordFile, Content: l.Password + "\n", Once: true},
		{Name: ownPasswordFile, Content: "ALTER ROLE postgres PASSWORD '" + kept + "'\n", Once: true},
		{Name: passFile, Content: "*:*:*:postgres:" + l.Password + "\n"},
	}
}

// verifier is what PostgreSQL keeps of a password (RFC 5803), and takes in its place. One round of hashing is enough: nobody guesses
// a random password, and the usual 4096 would make each of a run's many connections take milliseconds.
func verifier(password string) string {
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	salt := rand.Text()
	salted := sign([]byte(password), salt+"\x00\x00\x00\x01") // PBKDF2 of one round and one block
	stored := sha256.Sum256(sign(salted, "Client Key"))
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$1:%s$%s:%s", text([]byte(salt)), text(stored[:]), text(sign(salted, "Server Key")))
}

// initdb has everybody asked for a password, whatever way they come. It does not sync the fresh files to disk: that is of the set-up only, the server that runs on them syncs as ever.
func initdb(b local.Binary, l local.Layout) []string {
	password := newPasswordFile
	if major(b) < 14 {
		password = oldPasswordFile
	}
	return []string{
		filepath.Join(filepath.Dir(b.Path), "initdb"), "--pgdata=" + l.Data, "--username=postgres", "--auth=scram-sha-256",
		"--pwfile=" + l.Path(password), "--encoding=UTF8", "--locale=C", "--no-sync",
	}
}

// setPassword runs a statement on the data folder without a server: nobody can connect meanwhile. Like initdb it syncs nothing to disk.
func setPassword(b local.Binary, l local.Layout) []string {
	const single = `exec "$0" --single -F -c exit_on_error=on -D "$1" postgres <"$2"`
	return []string{"/bin/sh", "-c", single, b.Path, l.Data, l.Path(ownPasswordFile)}
}

// socketFile is the name that the server gives its Unix socket.
func socketFile(l local.Layout) string { return ".s.PGSQL." + strconv.Itoa(l.Port) }

// postmaster serves on a port, and on a socket in the data folder, which is where it works, if one is asked for.
func postmaster(b local.Binary, l local.Layout) []string {
	sockets := ""
	if l.SocketPath(socketFile(l)) != "" {
		sockets = "."
	}
	argv := []string{
		b.Path, "-D", l.Data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(l.Port),
		"-c", "unix_socket_directories=" + sockets, "-c", "max_connections=" + strconv.Itoa(l.MaxConnections),
	}
	if l.Volatile {
		argv = append(argv, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	return append(argv, l.ExtraArgs...)
}

// ready goes by the lines of postmaster.pid that the server keeps for pg_ctl: 1 is its process id, 8 its status
// (src/include/utils/pidfile.h). A stranger on the same port cannot be taken for it.
func ready(_ context.Context, l local.Layout, pid int) bool {
	content, err := os.ReadFile(filepath.Join(l.Data, "postmaster.pid"))
	lines := strings.Split(string(content), "\n")
	return err == nil && len(lines) >= 8 && lines[0] == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}
