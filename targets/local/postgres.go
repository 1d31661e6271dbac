package local

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
		files:      postgresFiles,
		command:    postmaster,
		ready:      postmasterReady,
		dsn: func(l layout) string {
			return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", l.password, l.port)
		},
		shutdown: syscall.SIGINT,
		// An "immediate shutdown": unlike after a kill -9, its shared memory goes with it.
		quit: syscall.SIGQUIT,
	}
}

const (
	newPasswordFile = "password" // what initdb reads
	passFile        = "pgpass"   // what a standby reads to reach its primary
)

func postgresFiles(l layout) []file {
	return []file{{newPasswordFile, verifier(l.password) + "\n", true}, {passFile, "*:*:*:postgres:" + l.password + "\n", false}}
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
func initdb(b Binary, l layout) []string {
	return []string{
		filepath.Join(filepath.Dir(b.Path), "initdb"), "--pgdata=" + l.data, "--username=postgres", "--auth=scram-sha-256",
		"--pwfile=" + l.path(newPasswordFile), "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
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
