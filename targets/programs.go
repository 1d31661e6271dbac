package targets

import (
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// Programs holds the engines on which programs of the user's can be explored.
func Programs() []database.Engine {
	return []database.Engine{postgres.Databases(), mysql.Databases(), mysql.MariaDBDatabases()}
}
