package lock

// Backend is a kind of servers that keep locks, of which users can name their own.
type Backend struct {
	Name    string // redis: the flag, and store.Component.Backend
	Title   string // Redis
	Env     string // the environment variable that names them where no flag does
	Explain string // what the flag takes, for help
	// Check says what is wrong with an address, before anything is started. It repeats no piece of it.
	Check func(address string) error
}

const (
	redisBackend = "redis"
	zkBackend    = "zookeeper"
	etcdBackend  = "etcd"
)

// Backends holds them, in the order in which they are shown.
func Backends() []Backend {
	return []Backend{
		{
			Name: redisBackend, Title: "Redis", Env: "LASTSEAT_REDIS_URL",
			Explain: "with --lock: your own Redis, redis://user:password@host:6379/0 (rediss:// for TLS), or the one that Sentinel names, redis+sentinel://host:26379,host:26379/NAME; redlock takes several (default: $LASTSEAT_REDIS_URL, or throwaway ones)",
			Check:   func(text string) error { _, err := redisURLs(text); return err },
		},
		{
			Name: zkBackend, Title: "ZooKeeper", Env: "LASTSEAT_ZOOKEEPER_URL",
			Explain: "with --lock: your own ZooKeeper, host:2181,host:2181/chroot, or zookeeper://user:password@host:2181 (default: $LASTSEAT_ZOOKEEPER_URL, or a throwaway one)",
			Check:   func(text string) error { _, err := zkAddress(text); return err },
		},
		{
			Name: etcdBackend, Title: "etcd", Env: "LASTSEAT_ETCD_URL",
			Explain: "with --lock: your own etcd, https://user:password@host:2379,host:2379, or http:// without TLS (default: $LASTSEAT_ETCD_URL, or a throwaway one)",
			Check:   func(text string) error { _, _, err := etcdAddress(text); return err },
		},
	}
}
