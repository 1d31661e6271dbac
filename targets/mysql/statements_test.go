package mysql

import (
	"database/sql/driver"
	"io"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb/sqldbtest"
)

// statementsOf is what a product's statements are tested by.
func statementsOf(p *product) *sqldbtest.Engine {
	numbered := func(n uint16) error { return &mysqldriver.MySQLError{Number: n} }
	return &sqldbtest.Engine{
		Dialect: dialect("own", p), Level: harness.ReadCommitted, Isolation: p.isolation,
		Errors: map[string]error{
			"deadlock":            numbered(errDeadlock),
			"deadlock of users":   numbered(errUserDeadlock),
			"lock wait timeout":   numbered(errLockWait),
			"no waiting":          numbered(errNoWait),
			"record has changed":  numbered(errRecordChanged),
			"duplicate key":       numbered(errDuplicate),
			"check of MySQL":      numbered(errCheckMySQL),
			"check of MariaDB":    numbered(errCheckMariaDB),
			"server shuts down":   numbered(errShutdown),
			"statement was ended": numbered(errInterrupted),
			"no such table":       numbered(1146),
			"nothing was sent":    driver.ErrBadConn,
			"connection lost":     io.ErrUnexpectedEOF,
		},
	}
}

// products are those whose statements differ.
func products() map[string]*product {
	return map[string]*product{"mysql": {major: 8}, "mariadb": {mariaDB: true, major: 10}}
}

func TestStatements(t *testing.T) {
	for name, p := range products() {
		t.Run(name, func(t *testing.T) { sqldbtest.Statements(t, name, statementsOf(p)) })
	}
}

func TestErrorsOfStatements(t *testing.T) {
	for name, p := range products() {
		t.Run(name, func(t *testing.T) { sqldbtest.Errors(t, statementsOf(p)) })
	}
}
