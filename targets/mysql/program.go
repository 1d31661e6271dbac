package mysql

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"github.com/lastseat/lastseat/targets/local"
)

// Mysqld is the server program of MySQL, from which throwaway servers are started.
func Mysqld() local.Program {
	return local.Program{
		Name: "mysql", Title: "MySQL", Files: []string{"mysqld"}, Env: "LASTSEAT_MYSQLD", Account: "mysql",
		Hint: "no MySQL server program found (MariaDB is not MySQL): ./scripts/servers fetches it from Debian unstable, or set " +
			"LASTSEAT_MYSQLD to the mysqld program, or LASTSEAT_MYSQL_DSN to a running server",
		Places: []string{"/usr/local/mysql/bin", "/usr/libexec"}, Version: version, Write: files,
		Initialise: func(b local.Binary, l local.Layout) []string {
			// Unsynced and unlogged is the set-up only; the server that runs on these files has its own settings.
			return append(folders(b, l.Data), "--initialize-insecure", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
				"--innodb-doublewrite=OFF", "--innodb-flush-method=nosync")
		},
		CopyWithout: copyWithout,
		Command: func(b local.Binary, l local.Layout) []string {
			return command(append(folders(b, l.Data), "--mysqlx=0", "--secure-file-priv=NULL"), l)
		},
		Ready: ready, DSN: throwawayDSN, Shutdown: syscall.SIGTERM, Quit: syscall.SIGKILL,
	}
}

// version tells the two products apart: Debian's /usr/sbin/mysqld is MariaDB under an old name.
func version(output string) (title, version string) {
	if v := local.Submatch(regexp.MustCompile(`Ver (\d+\.\d+\.\d+)-MariaDB`), output); v != "" {
		return "MariaDB", v
	}
	return "MySQL", local.Submatch(regexp.MustCompile(`Ver (\d+\.\d+\.\d+)`), output)
}

// folders is how every command begins: the program, and its files relative to where it lies, so that an unpacked
// package works from anywhere.
func folders(b local.Binary, data string) []string {
	base := filepath.Dir(filepath.Dir(b.Path))
	messages := filepath.Join(base, "share", "mysql") // in Linux packages
	if _, err := os.Stat(messages); err != nil {
		messages = filepath.Join(base, "share") // in the makers' own archives
	}
	return []string{b.Path, "--no-defaults", "--basedir=" + base, "--datadir=" + data, "--lc-messages-dir=" + messages}
}

// copyWithout is the server's own number, by which those that replicate know it. Its password is set at each start, by init.sql.
var copyWithout = []string{"auto.cnf"}

const initFile = "init.sql"

// files is what the server runs at each start before it lets anybody in. A server that cannot run it has a root without
// password, whom our password does not let in: that shows at once.
func files(l local.Layout) []local.File {
	return []local.File{{Name: initFile, Content: "ALTER USER root@localhost IDENTIFIED BY '" + l.Password + "';\n"}}
}

const (
	pidFile    = "lastseat.pid"
	socketFile = "lastseat.sock"
)

// command adds what MySQL and MariaDB have in common. The socket is relative to the data folder: an absolute path can
// be longer than a socket's may be.
func command(argv []string, l local.Layout) []string {
	argv = append(argv, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(l.Port), "--socket="+socketFile,
		"--pid-file="+filepath.Join(l.Data, pidFile), "--tmpdir="+l.Dir, "--init-file="+l.Path(initFile), "--max-connections="+strconv.Itoa(l.MaxConnections))
	if l.Volatile {
		argv = append(argv, "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-doublewrite=OFF")
	} else {
		argv = append(argv, "--innodb-flush-log-at-trx-commit=1")
	}
	return append(argv, l.ExtraArgs...)
}

func throwawayDSN(l local.Layout) string {
	if path := l.SocketPath(socketFile); path != "" {
		return fmt.Sprintf("root:%s@unix(%s)/", l.Password, path)
	}
	return fmt.Sprintf("root:%s@tcp(127.0.0.1:%d)/", l.Password, l.Port)
}

// ready waits for the pid file, which is written once the port is bound, so that a stranger on the same port cannot be
// taken for our server; then for the greeting: a packet of 3 bytes length, 1 byte sequence, and protocol version 10.
func ready(ctx context.Context, l local.Layout, pid int) bool {
	content, err := os.ReadFile(filepath.Join(l.Data, pidFile))
	if err != nil || string(bytes.TrimSpace(content)) != strconv.Itoa(pid) {
		return false
	}
	conn, err := local.Greet(ctx, l)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	var head [5]byte
	_, err = io.ReadFull(conn, head[:])
	return err == nil && head[4] == 10
}
