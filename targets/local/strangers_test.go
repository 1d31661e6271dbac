//go:build unix

package local_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/go-zookeeper/zk"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/targets/local"
)

// TestStrangers: nobody who lacks the password does anything on a throwaway server, neither when it is new nor after a crash.
func TestStrangers(t *testing.T) {
	t.Parallel()
	eachBinary(t, func(t *testing.T, b local.Binary) {
		t.Parallel()
		s := start(t, b, local.Options{})
		if other := start(t, b, local.Options{}); other.Password() == s.Password() || len(s.Password()) < 20 {
			t.Errorf("passwords %s and %s", s.Password(), other.Password())
		}
		strangers(t, s)
		crash(t, s)
		strangers(t, s)
	})
}

// strangers tries to come in by every way that there is, with and without a password.
func strangers(t *testing.T, s *local.Server) {
	t.Helper()
	query(t, s, probe(s))
	for _, password := range []string{"", "wrong", "postgres", "root"} {
		switch s.Binary().Program.Name {
		case "postgres":
			postgresRefuses(t, s, password)
		case "mysql", "mariadb":
			mysqlRefuses(t, s, password)
		case "redis":
			redisRefuses(t, s, password)
		case "zookeeper":
			zookeeperRefuses(t, s, password)
		case "etcd":
			etcdRefuses(t, s)
		}
	}
	secretOnlyInFiles(t, s)
	folderShut(t, s)
}

func postgresRefuses(t *testing.T, s *local.Server, password string) {
	t.Helper()
	for _, mode := range []string{"", "&replication=true", "&replication=database"} {
		c, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://postgres:%s@%s/postgres?sslmode=disable%s", password, s.Address(), mode))
		if err == nil {
			_ = c.Close(t.Context())
		}
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "28P01" {
			t.Errorf("password %q%s: %v", password, mode, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.Dir(), "password")); err != nil || len(left) > 0 {
		t.Errorf("initdb's password file is left: %v, %v", left, err)
	}
}

func mysqlRefuses(t *testing.T, s *local.Server, password string) {
	t.Helper()
	users := []string{"root", "", "mysql", "mariadb.sys", "nobody"}
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT user FROM mysql.user")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err tells
	for rows.Next() {
		var u string
		if err := rows.Scan(&u); err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		for _, at := range []string{"tcp(" + s.Address() + ")", "unix(" + filepath.Join(s.Dir(), "data", "lastseat.sock") + ")"} {
			stranger, err := sql.Open("mysql", u+":"+password+"@"+at+"/")
			if err != nil {
				t.Fatal(err)
			}
			err = stranger.Ping()
			_ = stranger.Close()
			var refused *mysqldriver.MySQLError
			if !errors.As(err, &refused) || refused.Number != 1045 && refused.Number != 1698 && refused.Number != 3118 && refused.Number != 4151 {
				t.Errorf("user %q at %s, password %q: %v", u, at, password, err)
			}
		}
	}
}

func redisRefuses(t *testing.T, s *local.Server, password string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a failure shows below
	if password != "" {
		_, _ = fmt.Fprintf(conn, "AUTH %s\r\n", password)
	}
	_, _ = io.WriteString(conn, "SET seats 41\r\nCONFIG GET requirepass\r\nQUIT\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || strings.Count(string(answer), "-NOAUTH") != 2 {
		t.Errorf("password %q: %q, %v", password, answer, err)
	}
}

func zookeeperRefuses(t *testing.T, s *local.Server, password string) {
	t.Helper()
	c, events, err := zk.Connect([]string{s.Address()}, 10*time.Second, zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Close()
		for range events { // until all has ended
		}
	}()
	if password != "" {
		if err := c.AddAuth("digest", []byte("lastseat:"+password)); err != nil {
			t.Fatal(err)
		}
	}
	_, made := c.Create("/stranger", nil, 0, zk.WorldACL(zk.PermAll))
	_, _, listed := c.Children("/")
	_, allowed := c.SetACL("/", zk.WorldACL(zk.PermAll), -1)
	_, below := c.Create("/zookeeper/stranger", nil, 0, zk.WorldACL(zk.PermAll))
	for what, err := range map[string]error{"create": made, "children": listed, "set ACL": allowed, "create below": below} {
		if !errors.Is(err, zk.ErrNoAuth) {
			t.Errorf("%s with password %q: %v", what, password, err)
		}
	}
}

// secretOnlyInFiles: the password is in no command line, no environment, no log.
func secretOnlyInFiles(t *testing.T, s *local.Server) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range append(append(files, environments...), filepath.Join(s.Dir(), "log")) {
		if content, err := os.ReadFile(f); err == nil && bytes.Contains(content, []byte(s.Password())) {
			t.Errorf("%s holds the password", f)
		}
	}
}

// folderShut: only the account that the server runs as can enter its folder, and files with the password are its alone.
func folderShut(t *testing.T, s *local.Server) {
	t.Helper()
	info, err := os.Stat(s.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("its folder has mode %v", info.Mode())
	}
	err = filepath.WalkDir(s.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // the server removes files at any time
		}
		content, err := os.ReadFile(path)
		if info, statErr := d.Info(); err == nil && statErr == nil && bytes.Contains(content, []byte(s.Password())) && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s holds the password, and has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner == 0 {
		t.Error("servers of root run as root")
	}
	other, err := user.Lookup("daemon")
	if err != nil {
		t.Skip("no account daemon here")
	}
	uid, _ := strconv.Atoi(other.Uid) // Linux's are numbers
	gid, _ := strconv.Atoi(other.Gid)
	for _, command := range [][]string{{"ls", s.Dir()}, {"ls", filepath.Join(s.Dir(), "data")}, {"cat", filepath.Join(s.Dir(), "log")}} {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !bytes.Contains(out, []byte("Permission denied")) {
			t.Errorf("%v as daemon: %v, %s", command, err, out)
		}
	}
}
