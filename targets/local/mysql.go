package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func mysql() engine {
	return engine{
		name: MySQL, title: "MySQL", programs: []string{"mysqld"}, env: "LASTSEAT_MYSQLD", account: "mysql",
		hint: "no MySQL server program found (MariaDB is not MySQL): ./scripts/servers fetches it from Debian unstable, or set " +
			"LASTSEAT_MYSQLD to the mysqld program, or LASTSEAT_MYSQL_DSN to a running server",
		places: []string{"/usr/local/mysql/bin", "/usr/libexec"},
		version: func(output string) string {
			if strings.Contains(output, "MariaDB") {
				return "" // Debian's /usr/sbin/mysqld is MariaDB under an old name
			}
			return submatch(regexp.MustCompile(`Ver (\d+\.\d+\.\d+)`), output)
		},
		files: mysqlFiles,
		initialise: func(b Binary, l layout) []string {
			// Unsynced and unlogged is the set-up only; the server that runs on these files has its own settings.
			return append(mysqlFolders(b, l.data), "--initialize-insecure", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
				"--innodb-doublewrite=OFF", "--innodb-flush-method=nosync")
		},
		command: func(b Binary, l layout) []string {
			return mysqlCommand(append(mysqlFolders(b, l.data), "--mysqlx=0", "--secure-file-priv=NULL"), l)
		},
		ready:    mysqlReady,
		dsn:      mysqlDSN,
		shutdown: syscall.SIGTERM,
		quit:     syscall.SIGKILL,
	}
}

// mysqlFolders is how every command begins: the program, and its files relative to where it lies, so that an unpacked
// package works from anywhere.
func mysqlFolders(b Binary, data string) []string {
	base := filepath.Dir(filepath.Dir(b.Path))
	messages := filepath.Join(base, "share", "mysql") // in Linux packages
	if _, err := os.Stat(messages); err != nil {
		messages = filepath.Join(base, "share") // in the makers' own archives
	}
	return []string{b.Path, "--no-defaults", "--basedir=" + base, "--datadir=" + data, "--lc-messages-dir=" + messages}
}

const mysqlInitFile = "init.sql"

// mysqlFiles is what the server runs at each start before it lets anybody in. A server that cannot run it has a root without
// password, whom our password does not let in: that shows at once.
func mysqlFiles(l layout) []file {
	return []file{{name: mysqlInitFile, content: "ALTER USER root@localhost IDENTIFIED BY '" + l.password + "';\n"}}
}

const mysqlPidFile = "lastseat.pid"

// mysqlCommand adds what MySQL and MariaDB have in common. The socket is relative to the data folder: an absolute path can
// be longer than a socket's may be.
func mysqlCommand(argv []string, l layout) []string {
	argv = append(argv, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(l.port), "--socket=lastseat.sock",
		"--pid-file="+filepath.Join(l.data, mysqlPidFile), "--tmpdir="+l.dir, "--init-file="+l.path(mysqlInitFile), "--max-connections="+strconv.Itoa(l.MaxConnections))
	if l.Volatile {
		argv = append(argv, "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-doublewrite=OFF")
	} else {
		argv = append(argv, "--innodb-flush-log-at-trx-commit=1")
	}
	return append(argv, l.ExtraArgs...)
}

func mysqlDSN(l layout) string { return fmt.Sprintf("root:%s@tcp(127.0.0.1:%d)/", l.password, l.port) }

const greetingTimeout = 2 * time.Second

// mysqlReady waits for the pid file, which is written once the port is bound, so that a stranger on the same port cannot be
// taken for our server; then for the greeting: a packet of 3 bytes length, 1 byte sequence, and protocol version 10.
func mysqlReady(ctx context.Context, l layout, pid int) bool {
	content, err := os.ReadFile(filepath.Join(l.data, mysqlPidFile))
	if err != nil || string(bytes.TrimSpace(content)) != strconv.Itoa(pid) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, greetingTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.port)))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	_ = conn.SetReadDeadline(deadline) // a failure shows at the read
	var head [5]byte
	_, err = io.ReadFull(conn, head[:])
	return err == nil && head[4] == 10
}
