package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// waits asks PostgreSQL's lock manager itself, which always knows (manual, 9.27, pg_blocking_pids), and who waits for a safe snapshot, as
// READ ONLY DEFERRABLE does.
func waits(ctx context.Context, monitor sqldb.Conn, ids []int64, _ map[int64]string) ([]sqldb.Wait, error) {
	var each []string
	for _, id := range ids {
		each = append(each, fmt.Sprintf("SELECT %d::bigint, unnest(pg_blocking_pids(%d) || pg_safe_snapshot_blocking_pids(%d))::bigint", id, id, id))
	}
	got, err := monitor.Query(ctx, strings.Join(each, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	var all []sqldb.Wait
	for i := 0; i+1 < len(got); i += 2 {
		all = append(all, sqldb.Wait{Session: got[i], For: got[i+1]})
	}
	return all, nil
}
