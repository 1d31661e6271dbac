package mysql

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/sqldb"
)

func wrongDSN(wrong string) error {
	return &sqldb.DSNError{
		Product: "mysql", Wrong: wrong, Form: "user:password@tcp(host:3306)/ or mysql://user:password@host:3306",
	}
}

// parseDSN accepts the driver's form and URLs. Its errors hold nothing of the DSN.
func parseDSN(dsn string) (*mysqldriver.Config, error) {
	if strings.HasPrefix(dsn, "mysql://") || strings.HasPrefix(dsn, "mariadb://") {
		return parseURL(dsn)
	}
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, wrongDSN("") // the driver's error quotes what it takes for a network or an option
	}
	// The driver divides at the last slash and the last @ before it. Without the slash behind the address, it divides inside the password.
	if cfg.Net != "tcp" && cfg.Net != "unix" || !plainDatabase().MatchString(cfg.DBName) {
		return nil, wrongDSN("its address is not tcp(host:port) or unix(/path), with a / and at most a database's name behind it")
	}
	return cfg, nil
}

// plainDatabase is a database's name that cannot be the end of a password.
var plainDatabase = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_$-]*$`) })

func parseURL(dsn string) (*mysqldriver.Config, error) {
	if wrong := sqldb.WrongURL(dsn); wrong != "" {
		return nil, wrongDSN(wrong)
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Hostname() == "" {
		return nil, wrongDSN("")
	}
	// The driver parses the options; the rest has no form that could go wrong.
	cfg, err := mysqldriver.ParseDSN("/?" + u.RawQuery)
	if err != nil {
		return nil, wrongDSN("an option after ? cannot be read: correct the options, or leave them out")
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	cfg.Net, cfg.Addr = "tcp", u.Hostname()+":"+port
	return cfg, nil
}

// hiddenError is a server's error of which only the number is said.
type hiddenError struct {
	number uint16
	err    error
}

func (e *hiddenError) Error() string { return fmt.Sprintf("error %d", e.number) }

// Unwrap is the server's own error.
func (e *hiddenError) Unwrap() error { return e.err }
