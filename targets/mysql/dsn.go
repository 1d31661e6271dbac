package mysql

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/sqldb"
)

func wrongDSN(wrong string) error {
	return &sqldb.DSNError{
		Product: "mysql", Wrong: wrong, Form: "user:password@tcp(host:3306)/ or mysql://user:password@host:3306, and of a cluster galera://user:password@host1:3306,host2:3306/",
	}
}

// parseDSN accepts the DSN of one server.
func parseDSN(dsn string) (*mysqldriver.Config, error) {
	cfg, more, err := parseHosts(dsn)
	if err == nil && len(more) > 0 {
		return nil, wrongDSN("it names several servers: name their kind in --target (galera, group-replication), or one server")
	}
	return cfg, err
}

// parseHosts accepts a DSN whose servers are separated by commas: cfg names the first, and more the addresses of the others.
func parseHosts(dsn string) (cfg *mysqldriver.Config, more []string, err error) {
	if cfg, err = parseForm(dsn); err != nil || cfg.Net != "tcp" {
		return cfg, nil, err
	}
	all := strings.Split(cfg.Addr, ",")
	for i, addr := range all {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			all[i] = net.JoinHostPort(strings.Trim(addr, "[]"), "3306")
		}
	}
	cfg.Addr = all[0]
	return cfg, all[1:], nil
}

var urlSchemes = []string{"mysql://", "mariadb://", galeraName + "://", groupName + "://"}

// parseForm accepts the driver's form and URLs. Its errors hold nothing of the DSN.
func parseForm(dsn string) (*mysqldriver.Config, error) {
	if slices.ContainsFunc(urlSchemes, func(scheme string) bool { return strings.HasPrefix(dsn, scheme) }) {
		return parseURL(dsn)
	}
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, wrongDSN("") // the driver's error quotes what it takes for a network or an option
	}
	if strings.Contains(cfg.Addr, ",") {
		return nil, wrongDSN("several servers are named by a URL")
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
	dsn, hosts := firstHost(dsn)
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
	cfg.Net, cfg.Addr = "tcp", hosts
	return cfg, nil
}

// firstHost is a URL with the first of its hosts alone, and all of them: net/url takes one.
func firstHost(dsn string) (one, hosts string) {
	scheme, rest, _ := strings.Cut(dsn, "://")
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	first, _, _ := strings.Cut(rest[start:end], ",")
	return scheme + "://" + rest[:start] + first + rest[end:], rest[start:end]
}

// hiddenError is a server's error of which only the number is said.
type hiddenError struct {
	number uint16
	err    error
}

func (e *hiddenError) Error() string { return fmt.Sprintf("error %d", e.number) }

// Unwrap is the server's own error.
func (e *hiddenError) Unwrap() error { return e.err }
