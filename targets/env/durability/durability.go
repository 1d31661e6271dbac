// Package durability is the settings of servers with which a commit is acknowledged before it is safe. In goes a row, out comes the
// same row on a server that is set so; what that costs shows when the server is killed. Start at Table.
package durability

import (
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Table holds all settings, in the order in which they are shown. What survives goes by the manuals: PostgreSQL, "Asynchronous Commit";
// MySQL and MariaDB, innodb_flush_log_at_trx_commit.
func Table() []store.Component {
	return []store.Component{
		{
			Name: "synchronous_commit=off", Endangers: promise.HazardSet(promise.LostAck),
			Explain: "PostgreSQL acknowledges commits whose log is still in its memory, for up to three times wal_writer_delay: a kill " +
				"takes them along",
			Open: setting{name: "synchronous_commit", value: "off", lost: "the server acknowledges a commit while its log is still in " +
				"memory, and is killed before it writes it"}.open,
		},
		{
			Name: "innodb_flush_log_at_trx_commit=0", Endangers: promise.HazardSet(promise.LostAck),
			Explain: "MySQL and MariaDB write the log out once a second, not at commits: a kill takes up to a second of them along",
			Open: setting{name: "innodb_flush_log_at_trx_commit", value: "0", lost: "the server acknowledges a commit while its log is " +
				"still in memory, and is killed before the second is over"}.open,
		},
		{
			Name: "innodb_flush_log_at_trx_commit=2",
			Explain: "MySQL and MariaDB hand the log to the system at commits, and have it synced once a second: a killed server loses " +
				"nothing; what the machine's page cache held when its power went, no killed process can show",
			Open: setting{name: "innodb_flush_log_at_trx_commit", value: "2"}.open,
		},
	}
}
