package lock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lastseat/lastseat/harness/store"
)

var redisForm = addressForm{
	schemes: []string{"redis", "rediss"}, options: []string{"db", "skip_verify", "cacert", "cert", "key"}, port: "6379",
	like: "redis://user:password@host:6379/0, or rediss:// for TLS, several divided by commas",
}

var sentinelForm = addressForm{
	schemes: []string{"redis+sentinel", "rediss+sentinel"}, options: []string{"db", "sentinel_user", "sentinel_password", "skip_verify", "cacert", "cert", "key"}, port: "26379",
	like: "redis+sentinel://user:password@host:26379,host:26379/name-of-the-primary",
}

// redisAddress is a server of the user's, by its own address or by that of the Sentinels that watch it.
type redisAddress struct {
	text    string // as --redis takes it
	where   string
	alone   *redis.Options
	watched *redis.FailoverOptions
}

func (a *redisAddress) connect() *redisServer {
	if a.watched != nil {
		return &redisServer{where: a.where, address: a.text, found: true, client: newWatchedClient(a.watched, dialWithin)}
	}
	return &redisServer{where: a.where, address: a.text, client: newRedisClient(a.alone, dialWithin)}
}

// redisURLs are the servers that a list names.
func redisURLs(list string) (all []redisAddress, err error) {
	scheme, _, _ := strings.Cut(strings.TrimSpace(list), "://")
	if slices.Contains(sentinelForm.schemes, strings.ToLower(scheme)) { // its commas divide the Sentinels of one server
		text := strings.TrimSpace(list)
		a, err := sentinelForm.parse(text)
		if err != nil {
			return nil, err
		}
		o, err := a.sentinel()
		return []redisAddress{{text: text, where: strings.Join(a.hosts, ","), watched: o}}, err
	}
	for text := range strings.SplitSeq(list, ",") {
		a, err := redisForm.parse(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		if a.scheme == "" && strings.Contains(text, "@") {
			return nil, errEndOfPassword // of the server before it
		}
		o, err := a.redis()
		if err != nil {
			return nil, err
		}
		all = append(all, redisAddress{text: strings.TrimSpace(text), where: o.Addr, alone: o})
	}
	return all, nil
}

func (a *address) sentinel() (*redis.FailoverOptions, error) {
	o := &redis.FailoverOptions{
		MasterName: strings.Trim(a.path, "/"), SentinelAddrs: a.hosts, Username: a.user, Password: a.password,
		SentinelUsername: a.options.Get("sentinel_user"), SentinelPassword: a.options.Get("sentinel_password"),
	}
	var err error
	if db := a.options.Get("db"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, fmt.Errorf("db is not the number of a database; write %s?db=0", sentinelForm.like)
		}
	}
	switch {
	case o.MasterName == "" || strings.Contains(o.MasterName, "/"):
		return nil, fmt.Errorf("it does not end with the name that Sentinel has for the primary; write %s", sentinelForm.like)
	case o.Username != "" && o.Password == "", o.SentinelUsername != "" && o.SentinelPassword == "":
		return nil, fmt.Errorf("it has a user and no password; write %s", sentinelForm.like)
	}
	o.TLSConfig, err = a.tls(a.scheme == "rediss+sentinel")
	return o, err
}

func (a *address) redis() (*redis.Options, error) {
	o := &redis.Options{Addr: a.hosts[0], Username: a.user, Password: a.password}
	if a.user != "" && a.password == "" {
		return nil, errors.New("it has a user and no password; write redis://user:password@host:6379/0, or redis://:password@host:6379/0")
	}
	db := strings.Trim(a.path, "/")
	if a.options.Has("db") {
		db = a.options.Get("db")
	}
	var err error
	if db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, fmt.Errorf("what follows the host is not the number of a database; write %s", redisForm.like)
		}
	}
	if o.TLSConfig, err = a.tls(a.scheme == "rediss"); err != nil {
		return nil, err
	}
	return o, nil
}

// redisInfo is what a server says of itself; empty where its user may not ask.
type redisInfo map[string]string

func redisInfoOf(text string) redisInfo {
	info := redisInfo{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

const (
	askWithin  = 10 * time.Second
	dialWithin = 5 * time.Second
)

// connectRedis connects to the first n of the user's servers that a list names.
func connectRedis(ctx context.Context, list string, n, clients int) (all []*redisServer, err error) {
	hushRedis()
	named, err := redisURLs(list)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			for _, s := range all {
				err = errors.Join(err, s.close())
			}
			all = nil
		}
	}()
	seen := map[string]string{} // servers, by their run's id
	for i := range named[:n] {
		s := named[i].connect()
		all = append(all, s)
		if err := s.inspect(ctx, clients); err != nil {
			return all, err
		}
		id := s.info["run_id"]
		if other, twice := seen[id]; twice && id != "" {
			return all, fmt.Errorf("%s and %s are one Redis server, and a majority needs servers that know nothing of each other; name each once", other, s.where)
		}
		seen[id] = s.where
	}
	return all, nil
}

// inspect says why locks cannot be kept in a user's server.
func (s *redisServer) inspect(ctx context.Context, clients int) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	text, err := s.client.Info(ctx).Result()
	if err != nil && !strings.HasPrefix(innermost(err).Error(), "NOPERM") {
		return s.refusal(err)
	}
	s.info = redisInfoOf(text)
	if s.info["redis_mode"] == "sentinel" {
		return fmt.Errorf("the server at %s is a Redis Sentinel, which keeps no keys; name it with the primary that it watches: %s", s.where, sentinelForm.like)
	}
	if s.info["cluster_enabled"] == "1" {
		return s.isCluster("cluster_enabled:1")
	}
	if s.info["role"] == "slave" {
		return s.isReplica("role:slave")
	}
	most, err1 := strconv.Atoi(s.info["maxclients"])
	used, err2 := strconv.Atoi(s.info["connected_clients"])
	if want := clients + spare; err1 == nil && err2 == nil && most-used < want {
		return fmt.Errorf("too few connections: the locks of %d clients want %d, and Redis at %s has %d free; raise its maxclients, or ask for fewer clients with -c", clients, want, s.where, most-used)
	}
	return s.mayLock(ctx)
}

func (s *redisServer) isCluster(said string) error {
	return fmt.Errorf("Redis at %s is a node of a Redis Cluster (%s): its locks are spread over primaries, and lastseat asks a single one; name a server without cluster mode", s.where, said) //nolint:staticcheck // a product's name
}

func (s *redisServer) isReplica(said string) error {
	primary := ""
	if host := s.info["master_host"]; host != "" {
		primary = ", " + net.JoinHostPort(host, s.info["master_port"])
	}
	return fmt.Errorf("Redis at %s is a replica (%s), which takes no locks; name its primary%s", s.where, said, primary) //nolint:staticcheck // a product's name
}

// mayLock does what locks do, with a key of its own.
func (s *redisServer) mayLock(ctx context.Context) error {
	key := []string{newRedisPrefix() + "probe"}
	tries := []func() error{
		func() error { return s.client.Do(ctx, "SET", key[0], "", "NX", "PX", askWithin.Milliseconds()).Err() },
		func() error { return s.client.Get(ctx, key[0]).Err() },
		func() error { return compareAndExpire().Run(ctx, s.client, key, "", askWithin.Milliseconds()).Err() },
		func() error { return compareAndDelete().Run(ctx, s.client, key, "").Err() },
		func() error { return s.client.Set(ctx, key[0], 0, askWithin).Err() },
		func() error { return s.client.Incr(ctx, key[0]).Err() },
		func() error { return s.client.Del(ctx, key[0]).Err() },
	}
	if s.found {
		tries = append(tries, func() error { return s.client.Wait(ctx, 0, askWithin).Err() })
	}
	for _, try := range tries {
		if err := try(); err != nil {
			return s.refusal(err) // the key expires
		}
	}
	return nil
}

// neededRights are those of what mayLock does, as ACL SETUSER takes them.
const (
	neededRights  = "~lastseat:* +set +get +incr +del +pexpire +eval +evalsha"
	watchedRights = neededRights + " +wait" // where Sentinel watches
)

// refusal is an error of the user's server in a sentence.
func (s *redisServer) refusal(err error) error {
	inner := innermost(err)
	said := inner.Error()
	kind, _, _ := strings.Cut(said, " ")
	rights := neededRights
	if s.found {
		rights = watchedRights
	}
	var answered redis.Error
	var dial *net.OpError
	switch {
	case s.found && errors.Is(err, redis.Nil):
		return fmt.Errorf("Redis Sentinel at %s watches no primary of that name; correct the name at the end of its URL", s.where) //nolint:staticcheck // a product's name
	case kind == "NOAUTH" || kind == "WRONGPASS" || kind == "NOPERM" && strings.Contains(said, "AUTH") || strings.Contains(said, "AUTH <password> called"):
		return fmt.Errorf("Redis at %s refuses the user: %w; correct user and password in its URL", s.where, inner) //nolint:staticcheck // a product's name
	case kind == "NOPERM":
		return fmt.Errorf("no right to keep locks in Redis at %s: %w; ACL SETUSER … %s, or name another user", s.where, inner, rights)
	case kind == "READONLY":
		return s.isReplica(said)
	case kind == "MOVED" || kind == "ASK" || kind == "CLUSTERDOWN" || kind == "CROSSSLOT":
		return s.isCluster(kind)
	case strings.Contains(said, "max number of clients"):
		return fmt.Errorf("no connection is free in Redis at %s: %w; raise its maxclients, or close others", s.where, inner)
	case errors.As(err, &answered):
		return fmt.Errorf("Redis at %s takes no locks: %w; mend the server, or name another in its URL", s.where, inner) //nolint:staticcheck // a product's name
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("cannot reach Redis at %s: %w; start the server, or correct its URL", s.where, inner)
	case isTLS(err):
		return fmt.Errorf("no TLS with Redis at %s: %w; correct its certificates, or write redis:// where it has no TLS", s.where, inner)
	}
	return fmt.Errorf("what answers at %s does not answer as Redis does: %w; correct its URL (rediss:// where it has TLS, redis:// where it has none)", s.where, inner)
}

// lacks says that the user's server does not run with the settings that a row is about, as Redis's command line takes them.
func (s *redisServer) lacks(args []string) string {
	if len(args) == 0 || args[len(args)-1] != "always" { // a server that nobody kills forgets nothing
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	got, err := s.client.ConfigGet(ctx, "append*").Result()
	switch {
	case err != nil:
		return fmt.Sprintf("it is about appendfsync always, and Redis at %s does not say what it has (CONFIG GET: %v)", s.where, innermost(err))
	case got["appendonly"] != "yes" || got["appendfsync"] != "always":
		return fmt.Sprintf("it is about appendonly yes and appendfsync always, and Redis at %s has appendonly %s and appendfsync %s; leave --redis out, and lastseat starts one of its own", s.where, got["appendonly"], got["appendfsync"])
	}
	return ""
}

// scriptCall is what EVAL says of where in a script an error was.
var scriptCall = regexp.MustCompile(` script: [0-9a-f]+, on @user_script:\d+\.?`)

// innermost is store.Innermost, without what a server says of lastseat's own scripts.
func innermost(err error) error {
	inner := store.Innermost(err)
	if text := inner.Error(); scriptCall.MatchString(text) {
		return errors.New(strings.TrimSpace(scriptCall.ReplaceAllString(text, "")))
	}
	return inner
}

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &record) || errors.As(err, &certificate) || strings.Contains(err.Error(), "tls: ")
}
