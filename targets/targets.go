// Package targets is the table of all engines that lastseat knows. A new one is a folder beside this file, and a line here.
package targets

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// Table holds all engines, in the order in which they are shown.
func Table() []harness.Engine {
	return []harness.Engine{memory.Engine(), sqlite.Engine(), postgres.Engine(), mysql.MySQL(), mysql.MariaDB()}
}
