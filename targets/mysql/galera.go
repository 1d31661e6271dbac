package mysql

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

const galeraName = "galera"

// Galera is the table's line for clusters of MariaDB servers.
func Galera() store.Engine {
	e := galera().engine(clusterMariadbd())
	e.DSNEnv, e.Installed = "LASTSEAT_GALERA_DSN", galeraInstalled
	e.Declared = []store.Declared{
		(&product{mariaDB: true, major: 10}).declaredAcross("Galera"),
		(&product{mariaDB: true, major: 11, snapshotIsolation: true}).declaredAcross("Galera with innodb_snapshot_isolation ON"),
	}
	e.Explain = "a Galera cluster of MariaDB servers, over which clients are spread: yours by DSN (galera://user:password@host1,host2,host3/), or three throwaway ones"
	return e
}

func galera() *clusterKind {
	return &clusterKind{
		target: galeraName, product: "MariaDB Galera", of: "mariadb", start: startGalera,
		member: "SELECT CAST(variable_value AS SIGNED) * (SELECT variable_value = 'ON' FROM information_schema.global_status " +
			"WHERE variable_name = 'wsrep_ready') FROM information_schema.global_status WHERE variable_name = 'wsrep_cluster_size'",
		causal: "SET SESSION wsrep_sync_wait = 15", local: "SET SESSION wsrep_sync_wait = 0",
	}
}

// clusterMariadbd is the server program as it runs in a cluster: its password is that of all of them, and nothing for the others to do.
func clusterMariadbd() local.Program {
	p := Mariadbd()
	p.Write = func(l local.Layout) []local.File {
		all := files(l)
		all[0].Content = "SET SESSION wsrep_on = OFF;\n" + all[0].Content
		return all
	}
	return p
}

// provider is the library that joins MariaDB servers; empty: there is none.
func provider(b local.Binary) string {
	root := strings.TrimSuffix(filepath.Dir(filepath.Dir(b.Path)), "/usr")
	for _, pattern := range []string{"/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so", "/usr/lib/libgalera_smm.so", "/usr/lib/*/libgalera_smm.so"} {
		if found, _ := filepath.Glob(root + pattern); len(found) > 0 { // the pattern is good
			return found[0]
		}
	}
	return ""
}

const noProvider = "no library libgalera_smm.so found beside MariaDB's server program: ./scripts/servers installs it, or install Debian's " +
	"galera-4, or set LASTSEAT_GALERA_DSN to a running cluster"

func galeraInstalled(ctx context.Context) ([]store.Program, error) {
	all, err := Mariadbd().Installed(ctx)
	var with []store.Program
	for _, p := range all {
		if provider(local.Binary{Path: p.Path}) != "" {
			with = append(with, p)
		}
	}
	if err == nil && (len(with) == 0 || with[0] != all[0]) {
		err = &store.MissingError{Hint: noProvider}
	}
	return with, err
}

// startGalera starts servers that take themselves for a cluster whose machines have all been off: each begins with the same data, and
// remembers the same members, so that they find each other without one that comes first and copies itself to the others.
func startGalera(ctx context.Context, b local.Binary, o local.Options) (*local.Cluster, error) {
	lib := provider(b)
	if lib == "" {
		return nil, &store.MissingError{Hint: noProvider}
	}
	ports, err := local.FreePorts(ctx, 2*throwawayNodes)
	if err != nil {
		return nil, err
	}
	o.Password = cmp.Or(o.Password, rand.Text())
	var group, members []string
	for i := range throwawayNodes {
		group = append(group, fmt.Sprintf("127.0.0.1:%d", ports[i]))
		members = append(members, uuid())
	}
	state := uuid()
	var nodes []local.Options
	for i := range throwawayNodes {
		own := o
		own.ExtraArgs = append(append([]string{}, o.ExtraArgs...),
			"--wsrep-on=ON", "--wsrep-provider="+lib, "--wsrep-cluster-address=gcomm://"+strings.Join(group, ","), "--wsrep-node-address="+group[i],
			fmt.Sprintf("--wsrep-provider-options=base_host=127.0.0.1;base_port=%d;gmcast.listen_addr=tcp://%s;ist.recv_addr=127.0.0.1:%d;gcache.size=32M",
				ports[i], group[i], ports[throwawayNodes+i]),
			"--wsrep-start-position="+state+":0", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
		)
		own.Lay = func() []local.File { return remembered(state, members, i) }
		nodes = append(nodes, own)
	}
	return local.StartCluster(ctx, b, nodes)
}

// remembered is what server i of a cluster keeps of it: where its data is, and whom it last saw.
func remembered(state string, members []string, i int) []local.File {
	view := fmt.Sprintf("my_uuid: %s\n#vwbeg\nview_id: 3 %s 3\nbootstrap: 0\n", members[i], members[0])
	for _, m := range members {
		view += "member: " + m + " 0\n"
	}
	return []local.File{
		{Name: "grastate.dat", Content: "# GALERA saved state\nversion: 2.1\nuuid:    " + state + "\nseqno:   0\nsafe_to_bootstrap: 0\n"},
		{Name: "gvwstate.dat", Content: view + "#vwend\n"},
	}
}

// uuid is one of version 1, as Galera reads them.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0f|0x10, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
