package main

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/suite"
)

// pieces make up the password: whichever of them appears in an output, a part of the password got out.
var pieces = []string{"Xk7sekA", "rEt9Yb", "qW3zzC"}

// dividers are what drivers, flags and shells divide texts at.
var dividers = []string{
	"", "@", "/", ":", "?", "#", "%", "%zz", "%40", `"`, "'", `\`, ",", " ", "\n", "\t", "\r", "=", "&", "(", ")", "[", "]", "@tcp(", ")/", "@h/", "://",
	" host=", " user=", "' host='", ";", "+", "\x00", "é", "\xff", "@127.0.0.1:1/", "|", "$x", "`",
}

// forms write a DSN with a password; at the address, nobody listens.
var forms = []func(password string) string{
	func(p string) string { return "postgres://u:" + p + "@127.0.0.1:1/db" },
	func(p string) string { return "postgres://u:" + p + "@127.0.0.1:1/db?sslmode=disable" },
	func(p string) string { return "mysql://u:" + p + "@127.0.0.1:1" },
	func(p string) string { return "mariadb://u:" + p + "@127.0.0.1:1/?timeout=1s" },
	func(p string) string { return "postgresql://u:" + url.QueryEscape(p) + "@127.0.0.1:1/" },
	func(p string) string { return "host=127.0.0.1 port=1 user=u password=" + p },
	func(p string) string { return "host=127.0.0.1 port=1 password='" + p + "' user=u" },
	func(p string) string { return "host=127.0.0.1 port=1 password=" + p + " user=u dbname=x" },
	func(p string) string { return "u:" + p + "@tcp(127.0.0.1:1)/" },
	func(p string) string { return "u:" + p + "@tcp(127.0.0.1:1)" },
	func(p string) string { return "u:" + p + "/db" },
	func(p string) string { return "u:" + p + "@127.0.0.1:1/db" },
	func(p string) string { return "u:" + p + "@unix(/nowhere)/db?timeout=" + p },
	func(p string) string { return "redis://:" + p + "@127.0.0.1:1/0" },
	func(p string) string {
		return "redis://u:" + url.QueryEscape(p) + "@127.0.0.1:1,redis://:" + p + "@127.0.0.1:1"
	},
	func(p string) string {
		return "redis+sentinel://u:" + p + "@127.0.0.1:1,127.0.0.1:1/x?sentinel_password=" + p
	},
	func(p string) string { return "zookeeper://u:" + p + "@127.0.0.1:1,127.0.0.1:1/x" },
	func(p string) string { return "other://u:" + p + "@127.0.0.1:1/" },
}

// uses are where a user may write a DSN, on purpose or by mistake.
var uses = []func(dsn, engine string) []string{
	func(dsn, engine string) []string { return []string{"run", "--target", engine, "--dsn", dsn} },
	func(dsn, engine string) []string { return []string{"run", "--target", engine + "=" + dsn} },
	func(dsn, engine string) []string { return []string{"run", "--target", "sqlite," + engine + "=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", "--target", dsn} },
	func(dsn, _ string) []string { return []string{"run", "--target", "nobody=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", dsn} },
	func(dsn, _ string) []string { return []string{dsn} },
	func(dsn, _ string) []string { return []string{"run", "-dsn=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", "-xdsn=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", "--dns=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", "--=" + dsn} },
	func(dsn, _ string) []string { return []string{"run", "--strategy", dsn} },
	func(dsn, _ string) []string { return []string{"run", "-c", dsn} },
	func(dsn, _ string) []string { return []string{"run", "--isolation", dsn} },
	func(dsn, _ string) []string { return []string{"list", dsn} },
	func(dsn, _ string) []string {
		return []string{"run", "--target", "sqlite", "--lock", "redis", "--redis", dsn}
	},
	func(dsn, _ string) []string {
		return []string{"run", "--target", "sqlite", "--lock", "redis", "--zookeeper", dsn}
	},
	func(dsn, engine string) []string { return []string{"explore", "--target", engine, "--dsn", dsn} },
	func(dsn, engine string) []string { return []string{"isolation", "--target", engine, "--dsn", dsn} },
	func(dsn, _ string) []string { return []string{"run", "--" + dsn} },
	func(_, engine string) []string { return []string{"run", "--target", engine} }, // by the environment
}

// noSecret fails if the program, given the DSN, says a piece of its password.
func noSecret(t interface {
	Fatalf(string, ...any)
}, divider1, divider2 string, form, use, engine uint8, report string,
) {
	password := pieces[0] + divider1 + pieces[1] + divider2 + pieces[2]
	name := []string{"postgres", "mysql", "mariadb", "sqlite", "memory"}[engine%5]
	dsn := forms[int(form)%len(forms)](password)
	args := uses[int(use)%len(uses)](dsn, name)
	if args[len(args)-1] == name {
		// The environment of the program is the test's own.
		if name == "sqlite" || name == "memory" || strings.ContainsRune(dsn, 0) {
			return
		}
		variable := "LASTSEAT_" + strings.ToUpper(name) + "_DSN"
		_ = os.Setenv(variable, dsn)
		defer func() { _ = os.Unsetenv(variable) }()
	}
	if args[0] == "run" {
		args = append(args, "--csv", report)
	}
	var out bytes.Buffer
	code := Main(args, &out, &out)
	written, _ := os.ReadFile(report) // it is there only if the run began
	for _, piece := range pieces {
		if strings.Contains(out.String()+string(written), piece) {
			t.Fatalf("lastseat %q says %s of the password:\n%s%s", args, piece, &out, written)
		}
	}
	if code != suite.ExitSetup && code != suite.ExitInconclusive {
		t.Fatalf("lastseat %q: exit code %d:\n%s", args, code, &out)
	}
}

// TestNoPasswordInErrors: whatever is wrong with a DSN, and wherever it is written, no output holds a piece of its password.
func TestNoPasswordInErrors(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	for use := range uses {
		for form := range forms {
			for _, d := range []string{"@", `"`, ",", "/"} {
				noSecret(t, d, "", uint8(form), uint8(use), uint8(form%3), report)
			}
			noSecret(t, "@", "\n", uint8(form), uint8(use), uint8(form%3), report)
			noSecret(t, "", "", uint8(form), uint8(use), 3, report) // a DSN of others for SQLite
		}
	}
	t.Setenv("LASTSEAT_POSTGRES_DSN", forms[0](strings.Join(pieces, "@")))
	var out bytes.Buffer
	if Main([]string{"servers"}, &out, &out); strings.Contains(out.String(), pieces[0]) {
		t.Errorf("servers: %s", &out)
	}
	t.Setenv("LASTSEAT_POSTGRES_DSN", "")
	rapid.Check(t, func(t *rapid.T) {
		noSecret(t, rapid.SampledFrom(dividers).Draw(t, "first"), rapid.SampledFrom(dividers).Draw(t, "second"), rapid.Uint8().Draw(t, "form"),
			rapid.Uint8().Draw(t, "use"), rapid.Uint8().Draw(t, "engine"), report)
	})
}

// FuzzNoPassword is TestNoPasswordInErrors with any bytes inside the password.
func FuzzNoPassword(f *testing.F) {
	for i, d := range dividers {
		f.Add(d, dividers[(i+5)%len(dividers)], uint8(i), uint8(i/2), uint8(i))
	}
	report := filepath.Join(f.TempDir(), "report.csv")
	f.Fuzz(func(t *testing.T, divider1, divider2 string, form, use, engine uint8) {
		noSecret(t, divider1, divider2, form, use, engine, report)
	})
}
