package mysql

import (
	"context"
	"crypto/rand"
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
	var current string
	if err := d.server.admin.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&current); err != nil {
		return fmt.Errorf("ask the server who lastseat is there: %w", err)
	}
	host, password := current[strings.LastIndexByte(current, '@')+1:], rand.Text()
	who := account(d.name, host)
	for _, statement := range []string{
		"CREATE USER " + who + " IDENTIFIED BY '" + password + "'",
		"GRANT ALL PRIVILEGES ON " + strings.ReplaceAll(quote(d.name), "_", `\_`) + ".* TO " + who,
	} {
		_, err := d.server.admin.ExecContext(ctx, statement)
		var refused *mysqldriver.MySQLError
		switch {
		case errors.As(err, &refused) && slices.Contains(noRights, refused.Number):
			d.server.about.Rights = fmt.Sprintf("The program works with the rights of %s on the whole server: a user with rights on the new database alone was refused (error %d). "+
				"To have one made, give the user of the URL CREATE USER and GRANT OPTION.", d.server.cfg.User, refused.Number)
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

func account(name, host string) string {
	return "'" + name + "'@'" + strings.ReplaceAll(host, "'", "''") + "'"
}
