package postgres

import (
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/targets/sqldb"
)

func wrongDSN(wrong string) error {
	return &sqldb.DSNError{Product: "postgres", Wrong: wrong, Form: "postgres://user:password@host:5432/database"}
}

// parseDSN reads a URL or keywords and values. Its errors hold nothing of the DSN: pgx masks the password that it finds, but of a DSN
// that it misreads, it takes another piece for the password.
func parseDSN(dsn string) (*pgx.ConnConfig, error) {
	isURL := strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
	if isURL {
		if wrong := sqldb.WrongURL(dsn); wrong != "" {
			return nil, wrongDSN(wrong)
		}
	} else if wrong := ambiguousWords(dsn); wrong != "" {
		return nil, wrongDSN(wrong)
	}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, wrongDSN("")
	}
	for name := range cfg.RuntimeParams {
		if !plainOption.MatchString(name) {
			return nil, wrongDSN("a name before = is not one of an option: a value with blanks or quotes needs quotes around it, and \\' for a quote inside")
		}
	}
	return cfg, nil
}

var (
	// plainOption is the name of a setting.
	plainOption = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
	// wordOf finds the keywords that say where the server is, and who comes.
	wordOf = regexp.MustCompile(`(?:^|\s)(host|hostaddr|port|user|password|dbname|database)\s*=`)
)

// ambiguousWords says why keywords and values may be read in several ways; empty: they are clear. A password that was not quoted can
// hold what looks like another keyword.
func ambiguousWords(dsn string) string {
	seen := map[string]bool{}
	for _, m := range wordOf.FindAllStringSubmatch(dsn, -1) {
		if seen[m[1]] {
			return "the keyword " + m[1] + " is there twice: name it once, or use a URL"
		}
		seen[m[1]] = true
	}
	return ""
}

// hiddenError is a server's error of which only the code is said.
type hiddenError struct{ err *pgconn.PgError }

func (e *hiddenError) Error() string { return "SQLSTATE " + e.err.Code }

// Unwrap is the server's own error.
func (e *hiddenError) Unwrap() error { return e.err }
