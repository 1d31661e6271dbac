package local

import (
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

func mariadb() engine {
	return engine{
		name: MariaDB, title: "MariaDB", programs: []string{"mariadbd", "mysqld"}, env: "LASTSEAT_MARIADBD", account: "mysql",
		hint: "no MariaDB server program found: ./scripts/servers installs it, or install Debian's mariadb-server, or set " +
			"LASTSEAT_MARIADBD to the mariadbd program, or LASTSEAT_MARIADB_DSN to a running server",
		places: []string{"/usr/local/mysql/bin", "/usr/libexec"},
		version: func(output string) string {
			return submatch(regexp.MustCompile(`Ver (\d+\.\d+\.\d+)-MariaDB`), output)
		},
		files:      mysqlFiles,
		initialise: mariadbInstall,
		command: func(b Binary, l layout) []string {
			return mysqlCommand(append(mysqlFolders(b, l.data), "--secure-file-priv="), l)
		},
		ready:    mysqlReady,
		dsn:      mysqlDSN,
		shutdown: syscall.SIGTERM,
		quit:     syscall.SIGKILL,
	}
}

// mariadbInstall is the makers' script. It knows nothing of where it lies, so it is told; without name resolution, it does
// not ask the network for this machine's name. It is a shell's, and takes paths with spaces and quotes apart: what lies in the
// server's folder, where it starts, is named from there.
func mariadbInstall(b Binary, l layout) []string {
	base := filepath.Dir(filepath.Dir(b.Path))
	script := filepath.Join(base, "bin", "mariadb-install-db")
	for _, s := range []string{"scripts/mariadb-install-db", "bin/mysql_install_db", "scripts/mysql_install_db"} {
		if _, err := os.Stat(script); err == nil {
			break
		}
		script = filepath.Join(base, s)
	}
	return []string{
		script, "--no-defaults", "--basedir=" + base, "--datadir=./" + filepath.Base(l.data), "--tmpdir=.",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
		// Unsynced is the set-up only; the server that runs on these files has its own settings.
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF",
	}
}
