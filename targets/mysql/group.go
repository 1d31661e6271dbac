package mysql

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

const groupName = "group-replication"

// GroupReplication is the table's line for groups of MySQL servers, all of which take writes.
func GroupReplication() store.Engine {
	e := group().engine(groupMysqld())
	e.DSNEnv, e.Installed = "LASTSEAT_GROUP_REPLICATION_DSN", Mysqld().Installed
	e.Declared = []store.Declared{(&product{major: 8}).declaredAcross("Group Replication")}
	e.Explain = "MySQL servers in Group Replication, all of them primaries, over which clients are spread: yours by DSN " +
		"(group-replication://user:password@host1,host2,host3/), or three throwaway ones"
	return e
}

func group() *clusterKind {
	return &clusterKind{
		target: groupName, product: "MySQL Group Replication", of: "mysql", start: startGroup, form: formGroup,
		member: "SELECT COALESCE(IF(SUM(member_id = @@server_uuid AND member_state = 'ONLINE' AND member_role = 'PRIMARY') = 1, " +
			"SUM(member_state = 'ONLINE'), 0), 0) FROM performance_schema.replication_group_members",
		causal: "SET SESSION group_replication_consistency = 'BEFORE'", local: "SET SESSION group_replication_consistency = 'EVENTUAL'",
		set: map[string]string{"sql_generate_invisible_primary_key": "ON"}, // a group takes no writes to tables without a primary key
		skip: func(l harness.Level) string {
			if l == harness.Serializable {
				return "where all servers of a group are primaries, they refuse every write at serializable (error 3098)"
			}
			return ""
		},
	}
}

// groupMysqld is the server program as it runs in a group: what it does at its start is nothing for the others to do.
func groupMysqld() local.Program {
	p := Mysqld()
	p.Write = func(l local.Layout) []local.File {
		all := files(l)
		all[0].Content = "SET SESSION sql_log_bin = OFF;\n" + all[0].Content
		return all
	}
	return p
}

// startGroup starts servers that are not in a group yet.
func startGroup(ctx context.Context, b local.Binary, o local.Options) (*local.Cluster, error) {
	ports, err := local.FreePorts(ctx, throwawayNodes)
	if err != nil {
		return nil, err
	}
	o.Password = cmp.Or(o.Password, rand.Text())
	o.ExtraArgs = slices.DeleteFunc(slices.Clone(o.ExtraArgs), func(arg string) bool { return arg == "--skip-log-bin" }) // a group is told by that log
	plugins := filepath.Join(filepath.Dir(filepath.Dir(b.Path)), "lib", "mysql", "plugin")
	if _, err := os.Stat(plugins); err == nil {
		o.ExtraArgs = append(o.ExtraArgs, "--plugin-dir="+plugins)
	}
	var seeds []string
	for _, port := range ports {
		seeds = append(seeds, fmt.Sprintf("127.0.0.1:%d", port))
	}
	name := uuid()
	var nodes []local.Options
	for i := range throwawayNodes {
		own := o
		own.ExtraArgs = slices.Concat(o.ExtraArgs, []string{
			fmt.Sprintf("--server-id=%d", i+1), "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--report-host=127.0.0.1",
			"--plugin-load-add=group_replication.so", "--loose-group-replication-group-name=" + name, "--loose-group-replication-start-on-boot=OFF",
			"--loose-group-replication-local-address=" + seeds[i], "--loose-group-replication-group-seeds=" + strings.Join(seeds, ","),
			"--loose-group-replication-single-primary-mode=OFF", "--loose-group-replication-enforce-update-everywhere-checks=ON",
			"--loose-group-replication-recovery-get-public-key=ON", "--loose-group-replication-message-cache-size=134217728",
		})
		nodes = append(nodes, own)
	}
	return local.StartCluster(ctx, b, nodes)
}

// formGroup has the first server found a group, and the others join it, side by side.
func formGroup(ctx context.Context, c *local.Cluster) error {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	if err := join(ctx, c.Servers[0], true); err != nil {
		return err
	}
	errs := make([]error, len(c.Servers))
	var wg sync.WaitGroup
	for i, s := range c.Servers[1:] {
		wg.Go(func() { errs[i] = join(ctx, s, false) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// join makes a server a member of its group, or the first.
func join(ctx context.Context, s *local.Server, first bool) error {
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing is pending on it
	start := "START GROUP_REPLICATION USER = 'root', PASSWORD = '" + s.Password() + "'"
	statements := []string{start}
	if first {
		statements = []string{"SET GLOBAL group_replication_bootstrap_group = ON", start, "SET GLOBAL group_replication_bootstrap_group = OFF"}
	}
	for _, text := range statements {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("start Group Replication: %w%s", err, s.Log())
		}
	}
	return nil
}
