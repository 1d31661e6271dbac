package mysql

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// noRights are the numbers of errors of who may not make a user, or not give the rights.
var noRights = []uint16{1044, 1045, 1142, 1227, 1290, 1396, 1410}

// makeUser makes a user with rights on the one database, as whom programs work on a server that holds others: statements can name any
// database of a server. Where that is refused, programs have the rights of the URL's user, and About says so.
func (d *programDatabase) makeUser(ctx context.Context) error {
	if d.server.local != nil {
		return nil
	}
	host, err := hostOf(d.server.admin.QueryRowContext(ctx, "SELECT CURRENT_USER()"))
	if err != nil {
		return err
	}
	password := rand.Text()
	who := account(d.name, host)
	for _, statement := range []string{
		"CREATE USER " + who + " IDENTIFIED BY '" + password + "'",
		"GRANT ALL PRIVILEGES ON " + strings.ReplaceAll(quote(d.name), "_", `\_`) + ".* TO " + who,
	} {
		_, err := d.server.admin.ExecContext(ctx, statement)
		switch {
		case refused(err):
			d.server.about.Rights = fmt.Sprintf("The program works with the rights of %s on the whole server: a user with rights on the new database alone was refused (%v). "+
				"To have one made, give the user of the URL CREATE USER and GRANT OPTION.", d.server.cfg.User, err)
			return d.dropUser(ctx)
		case err != nil:
			return fmt.Errorf("make a user for database %s: %w", d.name, err)
		}
		d.host = host
	}
	d.user, d.password = d.name, password
	return nil
}

func (d *programDatabase) dropUser(ctx context.Context) error {
	if d.host == "" {
		return nil
	}
	if _, err := d.server.admin.ExecContext(ctx, "DROP USER IF EXISTS "+account(d.name, d.host)); err != nil {
		return fmt.Errorf("user %s is left on the server: %w; drop it there", d.name, err)
	}
	d.host = ""
	return nil
}

// hostOf is where the user comes from whom lastseat is at the server: those that it makes come from there too.
func hostOf(current *sql.Row) (string, error) {
	var name string
	if err := current.Scan(&name); err != nil {
		return "", fmt.Errorf("ask the server who lastseat is there: %w", err)
	}
	return name[strings.LastIndexByte(name, '@')+1:], nil
}

// dropLeftUser drops the user that a killed run has left. Who may not drop users has not made one.
func dropLeftUser(ctx context.Context, conn *sql.Conn, name string) error {
	host, err := hostOf(conn.QueryRowContext(ctx, "SELECT CURRENT_USER()"))
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "DROP USER IF EXISTS "+account(name, host))
	if refused(err) {
		return nil
	}
	return err
}

// refused reports whether the server says that the user may not do it.
func refused(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && slices.Contains(noRights, e.Number)
}

func account(name, host string) string {
	return "'" + name + "'@'" + strings.ReplaceAll(host, "'", "''") + "'"
}
