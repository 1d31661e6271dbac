package lock

// Servers of the user's: what lastseat makes there, what it says where it cannot, and that it leaves nothing.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/redis/go-redis/v9"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
)

// theirs starts a server that stands for the user's own.
func theirs(t *testing.T, p local.Program, args ...string) *local.Server {
	t.Helper()
	b, err := local.Find(t.Context(), p)
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		required.Missing(t, p.Name, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), b, local.Options{Volatile: true, ExtraArgs: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func theirRedis(t *testing.T, args ...string) (s *local.Server, address string, c *redis.Client) {
	t.Helper()
	s = theirs(t, redisProgram(), args...)
	hushRedis()
	c = newRedisClient(&redis.Options{Addr: s.Address(), Password: s.Password()}, dialWithin)
	t.Cleanup(func() { _ = c.Close() })
	return s, s.DSN(), c
}

// counter is a store without any protection.
func counter(count *int) *stub {
	return &stub{do: func(context.Context, int, *harness.SessionOptions) harness.Result {
		n := *count
		time.Sleep(100 * time.Microsecond)
		*count = n + 1
		return harness.Result{Outcome: harness.OK}
	}}
}

// TestYourRedis: locks are kept in the user's servers, whose own keys stay, and none of lastseat's.
func TestYourRedis(t *testing.T) {
	var addresses []string
	var all []*redis.Client
	for range redlockServers {
		_, address, c := theirRedis(t)
		if err := c.Set(t.Context(), "lastseat", "mine", 0).Err(); err != nil {
			t.Fatal(err)
		}
		addresses, all = append(addresses, address), append(all, c)
	}
	for _, name := range []string{"redis", "redlock", "redis-fenced", "redis-no-expiry"} {
		t.Run(name, func(t *testing.T) {
			t.Run("run", func(t *testing.T) {
				count, seen := 0, int64(0)
				inner := counter(&count)
				work := inner.do
				inner.do = func(ctx context.Context, client int, opt *harness.SessionOptions) harness.Result {
					if n, _ := all[0].DBSize(ctx).Result(); n > 1 { // beside the user's
						seen++
					}
					return work(ctx, client, opt)
				}
				counts(t, clientsWith(t, name, 4, store.Traits{}, inner, map[string]string{"redis": strings.Join(addresses, ",")}), &count)
				if seen == 0 {
					t.Error("no lock was seen on the user's server")
				}
			})
			for i, c := range all {
				if keys, err := c.Keys(context.Background(), "*").Result(); err != nil || !slices.Equal(keys, []string{"lastseat"}) {
					t.Errorf("server %d holds %q (%v), want the user's key alone", i, keys, err)
				}
			}
		})
	}
}

// TestYourZooKeeper is the same with nodes.
func TestYourZooKeeper(t *testing.T) {
	s := theirs(t, zookeeperProgram())
	login := zkUser + ":" + s.Password()
	c, err := (&zkServers{hosts: []string{s.Address()}, login: login, process: s}).session()
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, err := c.Create("/shop", nil, 0, zk.AuthACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zookeeper", "zookeeper-fenced"} {
		t.Run(name, func(t *testing.T) {
			count := 0
			counts(t, clientsWith(t, name, 4, store.Traits{}, counter(&count), map[string]string{"zookeeper": "zookeeper://" + login + "@" + s.Address() + "/shop"}), &count)
			if nodes, _, err := c.Children("/shop"); err != nil || len(nodes) != 1 {
				t.Errorf("locks are to be in one node below /shop: %q, %v", nodes, err)
			}
		})
		if nodes, _, err := c.Children("/shop"); err != nil || len(nodes) > 0 {
			t.Errorf("left: %q, %v", nodes, err)
		}
	}
	for address, want := range map[string]string{
		s.Address():                          "no right to make nodes in / of ZooKeeper at",
		"zookeeper://a:wrong@" + s.Address(): "no right to make nodes in /",
		"zookeeper://" + login + "@" + s.Address() + "/none": "has no node /none; make it",
	} {
		if _, err := connectZK(t.Context(), address, 1); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), s.Password()) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// TestYourEtcd is the same with keys and leases, of a user who may no more than that.
func TestYourEtcd(t *testing.T) {
	s := theirs(t, etcdProgram())
	files := "?cacert=" + s.Dir() + "/cert.pem&cert=" + s.Dir() + "/cert.pem&key=" + s.Dir() + "/key.pem"
	config, err := etcdTLS(s.Password())
	if err != nil {
		t.Fatal(err)
	}
	c, err := newEtcdClient([]string{s.DSN()}, "", "", config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Put(t.Context(), "lastseat", "mine"); err != nil {
		t.Fatal(err)
	}
	own := "https://" + s.Address() + files
	for _, name := range []string{"etcd", "etcd-fenced"} {
		t.Run(name, func(t *testing.T) {
			count := 0
			counts(t, clientsWith(t, name, 4, store.Traits{}, counter(&count), map[string]string{"etcd": own}), &count)
		})
		if left, err := c.Get(t.Context(), "", clientv3.WithPrefix()); err != nil || len(left.Kvs) != 1 {
			t.Errorf("left: %v, %v; want the user's key alone", left, err)
		}
	}
	for _, do := range []func() error{
		func() error { _, err := c.UserAdd(t.Context(), "root", "sekret"); return err },
		func() error { _, err := c.UserGrantRole(t.Context(), "root", "root"); return err },
		func() error { _, err := c.UserAdd(t.Context(), "shop", "sekret"); return err },
		func() error { _, err := c.RoleAdd(t.Context(), "locks"); return err },
		func() error {
			_, err := c.RoleGrantPermission(t.Context(), "locks", "lastseat/", clientv3.GetPrefixRangeEnd("lastseat/"), clientv3.PermissionType(clientv3.PermReadWrite))
			return err
		},
		func() error { _, err := c.UserGrantRole(t.Context(), "shop", "locks"); return err },
		func() error { _, err := c.UserAdd(t.Context(), "nobody", "sekret"); return err },
		func() error { _, err := c.AuthEnable(t.Context()); return err },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct{ address, want string }{
		{"https://shop:sekret@" + s.Address() + files, ""},
		{"https://nobody:sekret@" + s.Address() + files, "no right to keep locks in etcd at " + s.Address() + ": permission denied; etcdctl role grant-permission"},
		{"https://shop:wrong@" + s.Address() + files, "etcd at " + s.Address() + " refuses the user: authentication failed"},
		{"https://" + s.Address(), "no TLS with etcd at " + s.Address()},
		{"127.0.0.1:1", "cannot reach etcd at 127.0.0.1:1: connection refused"},
		{"http://" + silentServer(t, "-ERR no\r\n"), "does not answer as etcd does"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if x.want == "" || strings.Contains(x.want, "user") || strings.Contains(x.want, "right") {
			cancel()
			ctx, cancel = context.WithCancel(t.Context()) // as long as it takes
		}
		got, err := connectEtcd(ctx, x.address)
		cancel()
		if err == nil {
			err = got.close()
		}
		if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "sekret")) {
			t.Errorf("%s: %v, want %q", x.address, err, x.want)
		}
	}
}

// TestYoursAreNotKilled: a fault that would kill the user's server has no row, and says why.
func TestYoursAreNotKilled(t *testing.T) {
	_, address, _ := theirRedis(t)
	for _, d := range Table() {
		if d.Name != "redis" {
			continue
		}
		instance, err := d.Open(t.Context(), store.ComponentOptions{Servers: 1, Clients: 1, Backends: map[string]string{"redis": address}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = instance.Close() }()
		spec := store.RowSpec{Start: harness.State{Groups: []harness.Group{{Table: "stock", Len: 1}}, Values: []int64{0}}}
		if skip := instance.Prepare(&spec); skip != "" || len(spec.Env.Locks) > 0 || !strings.Contains(spec.Env.NoLocks, "which is yours") {
			t.Errorf("skip %q, %d servers to be killed, %q", skip, len(spec.Env.Locks), spec.Env.NoLocks)
		}
	}
}

// silentServer takes connections, says greeting, and nothing more.
func silentServer(t *testing.T, greeting string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				_, _ = fmt.Fprint(conn, greeting)
				<-t.Context().Done()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// TestNoLocksInYourRedis: what keeps locks out of a server is said in a sentence, without its password.
func TestNoLocksInYourRedis(t *testing.T) {
	s, address, c := theirRedis(t)
	for _, user := range [][]any{
		{"ACL", "SETUSER", "few", "on", ">sekret", "~lastseat:*", "+set", "+get", "+info"},
		{"ACL", "SETUSER", "elsewhere", "on", ">sekret", "~shop:*", "+@all"},
		{"ACL", "SETUSER", "enough", "on", ">sekret", "~lastseat:*", "+set", "+get", "+incr", "+del", "+pexpire", "+eval", "+evalsha"},
	} {
		if err := c.Do(t.Context(), user...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	_, cluster, _ := theirRedis(t, "--cluster-enabled", "yes")
	replica, ofReplica, of := theirRedis(t, "--replicaof", "127.0.0.1 "+port(s.Address()), "--masterauth", s.Password())
	_ = replica
	for deadline := time.Now().Add(time.Minute); !strings.Contains(of.Info(t.Context(), "replication").Val(), "role:slave"); {
		if time.Now().After(deadline) {
			t.Fatal("no replica")
		}
		time.Sleep(10 * time.Millisecond)
	}
	_, few, _ := theirRedis(t, "--maxclients", "10")
	_, memory, _ := theirRedis(t, "--maxmemory", "1")
	as := func(user string) string { return "redis://" + user + ":sekret@" + s.Address() }
	for name, x := range map[string]struct{ address, want string }{
		"as many rights as it takes": {as("enough"), ""},
		"all":                        {address, ""},
		"nobody":                     {"redis://127.0.0.1:1", "cannot reach Redis at 127.0.0.1:1: connection refused; start the server"},
		"wrong password":             {"redis://:sekret@" + s.Address(), "refuses the user: WRONGPASS"},
		"no password":                {"redis://" + s.Address(), "refuses the user: NOAUTH"},
		"too few rights":             {as("few"), "no right to keep locks in Redis at " + s.Address() + ": NOPERM"},
		"other keys":                 {as("elsewhere"), "no right to keep locks"},
		"a cluster":                  {cluster, "is a node of a Redis Cluster"},
		"a replica":                  {ofReplica, "is a replica (role:slave), which takes no locks; name its primary, " + s.Address()},
		"too few connections":        {few, "too few connections: the locks of 8 clients want 24, and Redis at"},
		"no memory":                  {memory, "takes no locks: OOM"},
		"no such database":           {address[:strings.LastIndex(address, "/")] + "/999", "takes no locks: ERR DB index is out of range"},
		"something else":             {"redis://:sekret@" + silentServer(t, "SSH-2.0-OpenSSH_9.2\r\n"), "does not answer as Redis does"},
		"TLS where there is none":    {"rediss://:sekret@" + silentServer(t, "-ERR what\r\n"), "no TLS with Redis at"},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := connectRedis(t.Context(), x.address, 1, 8)
			for _, s := range all {
				if err := s.close(); err != nil {
					t.Error(err)
				}
			}
			switch {
			case x.want == "" && err != nil, x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)):
				t.Errorf("%v, want %q", err, x.want)
			case err != nil && (strings.Contains(err.Error(), "sekret") || strings.Contains(err.Error(), s.Password())):
				t.Errorf("it says the password: %v", err)
			case err != nil && strings.Contains(err.Error(), "\n"):
				t.Errorf("not one sentence: %v", err)
			}
		})
	}
	if _, err := connectRedis(t.Context(), address+","+address, 2, 8); err == nil || !strings.Contains(err.Error(), "are one Redis server") {
		t.Errorf("one server twice: %v", err)
	}
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// TestNothingAnswersAsZooKeeper: the library waits for minutes; lastseat does not.
func TestNothingAnswersAsZooKeeper(t *testing.T) {
	for address, want := range map[string]string{
		silentServer(t, ""): "gives no session within",
		"127.0.0.1:1":       "cannot reach ZooKeeper at 127.0.0.1:1: connection refused",
		"zookeepers://" + silentServer(t, "no!\n"): "no TLS with ZooKeeper at",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_, err := connectZK(ctx, address, 1)
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// TestServerIsGone: what stays on a server of the user's that has died is named.
func TestServerIsGone(t *testing.T) {
	s, address, _ := theirRedis(t)
	all, err := connectRedis(t.Context(), address, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	prefix := all[0].space(2)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := all[0].close(); err == nil || !strings.Contains(err.Error(), "keys "+prefix+"* are left in Redis at "+s.Address()) {
		t.Errorf("%v", err)
	}
}

// TestServersAreNamed: product, version and what they remember are read back; of the user's, where they are, and no password.
func TestServersAreNamed(t *testing.T) {
	redisServer, redisAddress, _ := theirRedis(t)
	zookeeper := theirs(t, zookeeperProgram())
	for _, x := range []struct {
		name, backend, address string
		want                   store.BackendInfo
	}{
		{name: "redis", want: store.BackendInfo{Product: "Redis", Settings: []store.Setting{{Name: "appendonly", Value: "no"}}}},
		{name: "redlock", want: store.BackendInfo{Product: "Redis", Note: "3 servers", Settings: []store.Setting{{Name: "appendonly", Value: "yes"}, {Name: "appendfsync", Value: "always"}}}},
		{name: "redis-sentinel", want: store.BackendInfo{Product: "Redis", Note: "a primary, its replica and a Sentinel", Settings: []store.Setting{{Name: "appendonly", Value: "no"}}}},
		{name: "zookeeper", want: store.BackendInfo{Product: "ZooKeeper"}},
		{name: "etcd", want: store.BackendInfo{Product: "etcd"}},
		{
			name: "redis", backend: "redis", address: redisAddress,
			want: store.BackendInfo{Product: "Redis", Where: redisServer.Address(), Settings: []store.Setting{{Name: "appendonly", Value: "no"}}},
		},
		{
			name: "zookeeper", backend: "zookeeper", address: "zookeeper://" + zkUser + ":" + zookeeper.Password() + "@" + zookeeper.Address(),
			want: store.BackendInfo{Product: "ZooKeeper", Where: zookeeper.Address()},
		},
		{name: "db-lock"},
		{name: "process-mutex"},
	} {
		t.Run(x.name+" "+x.backend, func(t *testing.T) {
			d := opened(t, x.name, store.ComponentOptions{Store: noServer{}, Servers: 1, Clients: 2, Backends: map[string]string{x.backend: x.address}})
			got, ok := d.(store.Backed).Backend()
			if ok != (x.want.Product != "") {
				t.Fatalf("ok %v", ok)
			}
			if !ok {
				return
			}
			if !strings.Contains(got.Version, ".") {
				t.Errorf("version %q", got.Version)
			}
			x.want.Version, x.want.Throwaway = got.Version, x.backend == ""
			if !reflect.DeepEqual(got, x.want) {
				t.Errorf("%+v, want %+v", got, x.want)
			}
		})
	}
}
