package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// flushLog says when InnoDB's log goes to the disk: at each commit (1), or once a second (0, and 2 after handing it to the system).
const flushLog = "innodb_flush_log_at_trx_commit"

// set changes global variables, which all sessions go by at once. The server that comes back from a crash is told again by its
// command line: MariaDB has no SET PERSIST.
func (s *server) set(ctx context.Context, monitor sqldb.Conn, settings []store.Setting) (sqldb.Reset, error) {
	var before []store.Setting
	var args []string
	for _, set := range settings {
		old, err := monitor.Text(ctx, "SELECT @@GLOBAL."+set.Name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", set.Name, err)
		}
		before = append(before, store.Setting{Name: set.Name, Value: old})
		args = append(args, "--"+strings.ReplaceAll(set.Name, "_", "-")+"="+set.Value)
	}
	s.local.Also(args...)
	reset := func(ctx context.Context, monitor sqldb.Conn) error {
		s.local.Also()
		return setGlobal(ctx, monitor, before)
	}
	return reset, setGlobal(ctx, monitor, settings)
}

func setGlobal(ctx context.Context, monitor sqldb.Conn, want []store.Setting) error {
	for _, set := range want {
		sql := fmt.Sprintf("SET GLOBAL %s = %s", set.Name, set.Value)
		if _, err := monitor.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
		got, err := monitor.Text(ctx, "SELECT @@GLOBAL."+set.Name)
		if err != nil {
			return fmt.Errorf("read %s back: %w", set.Name, err)
		}
		if got != set.Value {
			return fmt.Errorf("asked the server for %s = %s, but it runs with %s", set.Name, set.Value, got)
		}
	}
	return nil
}
