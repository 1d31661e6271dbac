package proxy_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// own is a server of a user's.
func own(t testing.TB, p local.Program, args ...string) *local.Server {
	t.Helper()
	b, err := local.Find(t.Context(), p)
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		required.Missing(t, p.Name, err.Error())
	}
	must(t, err)
	s, err := local.Start(t.Context(), b, local.Options{Volatile: true, ExtraArgs: args})
	must(t, err)
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// TestOwnMySQL: on a server that holds other databases, programs work as a user that sees none of them, and that is gone at the end.
// Where no user can be made, that is said.
func TestOwnMySQL(t *testing.T) {
	for engine, p := range map[string]local.Program{"mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd()} {
		t.Run(engine, func(t *testing.T) {
			s := own(t, p)
			rootCfg, err := mysqldriver.ParseDSN(s.DSN())
			must(t, err)
			rootCfg.MultiStatements = true
			root := myOpen(t, rootCfg)
			_, err = root.ExecContext(t.Context(), "CREATE DATABASE mine; CREATE TABLE mine.secret (x INT); INSERT INTO mine.secret VALUES (42)")
			must(t, err)
			dsn := engine + "://root:" + rootCfg.Passwd + "@" + rootCfg.Addr
			t.Run("own user", func(t *testing.T) {
				f := before(t, engineOf(t, engine, dsn), "lastseat_app_mine", harness.ReadCommitted)
				if about := f.server.About(); about.Rights != "" || about.Throwaway {
					t.Errorf("%+v", about)
				}
				db := myOpen(t, myConfig(t, f.url))
				for query, want := range map[string]string{
					"SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)":                       "lastseat_app_mine",
					"SELECT x FROM mine.secret":                                            "denied",
					"SELECT 1 FROM information_schema.schemata WHERE schema_name = 'mine'": "",
					"SELECT 1 FROM mysql.user":                                             "denied",
				} {
					if got := myText(t, db, query); got != want && (want == "" || !strings.Contains(got, want)) {
						t.Errorf("%s: %q, want %q", query, got, want)
					}
				}
				if got := myText(t, db, "CREATE TABLE t (x INT)"); got != "" {
					t.Error(got)
				}
			})
			if left := myText(t, root, "SELECT user FROM mysql.user WHERE user LIKE 'lastseat%'") + myText(t, root, "SHOW DATABASES LIKE 'lastseat%'"); left != "" {
				t.Errorf("%s is left", left)
			}
			_, err = root.ExecContext(t.Context(), "CREATE USER shop@'%' IDENTIFIED BY 'secret'; GRANT ALL ON `lastseat\\_%`.* TO shop@'%'; GRANT PROCESS ON *.* TO shop@'%'; GRANT SELECT ON performance_schema.* TO shop@'%'")
			must(t, err)
			f := before(t, engineOf(t, engine, engine+"://shop:secret@"+rootCfg.Addr), "lastseat_app_poor", "")
			if about := f.server.About(); !strings.Contains(about.Rights, "the rights of shop on the whole server: a user with rights on the new database alone was refused (Error 1227") {
				t.Errorf("%+v", about)
			}
			if got := myText(t, myOpen(t, myConfig(t, f.url)), "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"); got != "shop" {
				t.Error(got)
			}
		})
	}
}

// TestMySQLPlugins: the proxy logs in by each plugin, with TLS and without.
func TestMySQLPlugins(t *testing.T) {
	for engine, c := range map[string]struct {
		p       local.Program
		args    []string
		users   map[string]string // how each is made
		encrypt bool
	}{
		"mysql": {mysql.Mysqld(), nil, map[string]string{"sha2": "IDENTIFIED WITH caching_sha2_password BY 'secret'"}, true},
		"mariadb": {mysql.Mariadbd(), []string{"--plugin-load-add=auth_ed25519", "--plugin-maturity=unknown"}, map[string]string{
			"native": "IDENTIFIED VIA mysql_native_password USING PASSWORD('secret')", "edwards": "IDENTIFIED VIA ed25519 USING PASSWORD('secret')",
			"nobody": "IDENTIFIED BY ''",
		}, false},
	} {
		t.Run(engine, func(t *testing.T) {
			s := own(t, c.p, c.args...)
			rootCfg, err := mysqldriver.ParseDSN(s.DSN())
			must(t, err)
			rootCfg.MultiStatements = true
			root := myOpen(t, rootCfg)
			for name, how := range c.users {
				for i, option := range map[bool][]string{false: {""}, true: {"", "?tls=skip-verify"}}[c.encrypt] {
					_, err := root.ExecContext(t.Context(), fmt.Sprintf("DROP USER IF EXISTS %[1]s@'%%'; CREATE USER %[1]s@'%%' %[2]s; GRANT ALL ON `lastseat\\_%%`.* TO %[1]s@'%%'; GRANT PROCESS ON *.* TO %[1]s@'%%'; GRANT SELECT ON performance_schema.* TO %[1]s@'%%'", name, how))
					must(t, err)
					login := name + ":secret"
					if name == "nobody" {
						login = name
					}
					_, err = root.ExecContext(t.Context(), "FLUSH PRIVILEGES") // no password is remembered: it is asked for in full
					must(t, err)
					f := before(t, engineOf(t, engine, engine+"://"+login+"@"+rootCfg.Addr+option), fmt.Sprint("lastseat_app_", name, i), "")
					_, err = root.ExecContext(t.Context(), "FLUSH PRIVILEGES")
					must(t, err)
					for range 2 { // in full, and remembered
						db := myOpen(t, myConfig(t, f.url))
						if got := myText(t, db, "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"); got != name {
							t.Errorf("%s%s: %s", name, option, got)
						}
						if got := myText(t, db, "SHOW SESSION STATUS LIKE 'Ssl_cipher'"); (got != "") != (option != "") {
							t.Errorf("%s%s: encrypted by %q", name, option, got)
						}
						must(t, db.Close())
					}
				}
			}
		})
	}
}

// TestPostgresPasswords: the proxy logs in as pg_hba.conf wants, with TLS where the URL asks for it.
func TestPostgresPasswords(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if u, err := user.Lookup("postgres"); err == nil && os.Getuid() == 0 {
			uid, _ := strconv.Atoi(u.Uid)
			must(t, os.Chown(path, uid, -1))
		}
		return path
	}
	for d := dir; d != "/tmp" && d != "/"; d = filepath.Dir(d) {
		must(t, os.Chmod(d, 0o755)) //nolint:gosec // the server, another user, reads from it
	}
	cert, key := certificate(t)
	hba := write("hba.conf", "hostssl all tls 127.0.0.1/32 scram-sha-256\nhost all tls 127.0.0.1/32 reject\nhost all md5 127.0.0.1/32 md5\n"+
		"host all plain 127.0.0.1/32 password\nhost all trusted 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
	s := own(t, postgres.Program(), "-c", "hba_file="+hba, "-c", "ssl=on", "-c", "ssl_cert_file="+write("cert.pem", cert), "-c", "ssl_key_file="+write("key.pem", key))
	root, err := pgx.Connect(t.Context(), s.DSN())
	must(t, err)
	defer func() { must(t, root.Close(context.Background())) }()
	made := 0
	for name, encryption := range map[string]string{"tls": "scram-sha-256", "md5": "md5", "plain": "scram-sha-256", "trusted": "md5", "scram": "scram-sha-256"} {
		_, err := root.Exec(t.Context(), fmt.Sprintf("SET password_encryption = '%s'; CREATE ROLE %s LOGIN CREATEDB PASSWORD 'secret'", encryption, name))
		must(t, err)
		mode := map[bool]string{true: "require", false: "disable"}[name == "tls"]
		dsn := fmt.Sprintf("postgres://%s:secret@127.0.0.1:%d/postgres?sslmode=%s", name, root.Config().Port, mode)
		made++
		f := before(t, engineOf(t, "postgres", dsn), fmt.Sprintf("lastseat_app_%08x", made), "") // the name's number is its lock
		c, err := pgx.Connect(t.Context(), f.url)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var who string
		var encrypted bool
		must(t, c.QueryRow(t.Context(), "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&who, &encrypted))
		if who != name || encrypted != (name == "tls") {
			t.Errorf("%s: as %s, encrypted %v", name, who, encrypted)
		}
		must(t, c.Close(t.Context()))
	}
}

// certificate is a server's, as PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &k.PublicKey, k)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(k)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}
