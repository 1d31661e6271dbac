// Package targets is the table of all engines that lastseat knows. A new one is a folder beside this file, and a line here.
package targets

import (
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// Table holds all engines, in the order in which they are shown.
func Table() []store.Engine {
	return []store.Engine{memory.Engine(), sqlite.Engine(), postgres.Engine(), mysql.MySQL(), mysql.MariaDB(), mysql.Galera(), mysql.GroupReplication()}
}

// Programs holds the engines on which programs of the user's can be explored.
func Programs() []database.Engine {
	return []database.Engine{postgres.Databases(), mysql.Databases(), mysql.MariaDBDatabases(), sqlite.Databases()}
}
