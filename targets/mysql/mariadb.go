package mysql

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/lastseat/lastseat/targets/local"
)

// Mariadbd is the server program of MariaDB, from which throwaway servers are started.
func Mariadbd() local.Program {
	return local.Program{
		Name: "mariadb", Title: "MariaDB", Files: []string{"mariadbd", "mysqld"}, Env: "LASTSEAT_MARIADBD", Account: "mysql",
		Hint: "no MariaDB server program found: ./scripts/servers installs it, or install Debian's mariadb-server, or set " +
			"LASTSEAT_MARIADBD to the mariadbd program, or LASTSEAT_MARIADB_DSN to a running server",
		Places: []string{"/usr/local/mysql/bin", "/usr/libexec"}, Version: version, Write: files, Initialise: install, CopyWithout: copyWithout,
		Command: func(b local.Binary, l local.Layout) []string {
			return command(append(folders(b, l.Data), "--secure-file-priv="), l)
		},
		Ready: ready, DSN: throwawayDSN, Shutdown: syscall.SIGTERM, Quit: syscall.SIGKILL,
	}
}

// install is the makers' script. It knows nothing of where it lies, so it is told; without name resolution, it does
// not ask the network for this machine's name. It is a shell's, and takes paths with spaces and quotes apart: what lies in the
// server's folder, where it starts, is named from there.
func install(b local.Binary, l local.Layout) []string {
	base := filepath.Dir(filepath.Dir(b.Path))
	script := filepath.Join(base, "bin", "mariadb-install-db")
	for _, s := range []string{"scripts/mariadb-install-db", "bin/mysql_install_db", "scripts/mysql_install_db"} {
		if _, err := os.Stat(script); err == nil {
			break
		}
		script = filepath.Join(base, s)
	}
	return []string{
		script, "--no-defaults", "--basedir=" + base, "--datadir=./" + filepath.Base(l.Data), "--tmpdir=.",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
		// Unsynced is the set-up only; the server that runs on these files has its own settings.
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF",
	}
}
