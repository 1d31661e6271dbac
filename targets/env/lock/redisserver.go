package lock

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/lastseat/lastseat/targets/local"
)

// redisServer is a throwaway Redis server and connections to it.
type redisServer struct {
	process *local.Server
	client  *redis.Client
}

// hushRedis keeps the library, whose log is one for all of its clients, from writing to the terminal: its errors are returned as well.
var hushRedis = sync.OnceFunc(func() { redis.SetLogger(hush{}) })

type hush struct{}

func (hush) Printf(context.Context, string, ...any) {}

const (
	// spare is connections beside the clients' own: renewals, and what is given back in the background.
	spare = 16
	// room is far more connections than there will be: after so many refused ones the library would take the server for dead, and
	// look again only once a second.
	room = 10_000
)

// startRedis starts a server for so many clients.
func startRedis(ctx context.Context, clients int, args ...string) (*redisServer, error) {
	hushRedis()
	_, process, err := local.Resolve(ctx, redisProgram(), "", local.Options{MaxConnections: 2*clients + 4*spare, ExtraArgs: args})
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(&redis.Options{
		Addr: process.Address(), Password: process.Password(), PoolSize: room, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second,
		ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	return &redisServer{process: process, client: client}, nil
}

// stopTimeout bounds the end of a lock's server.
const stopTimeout = 30 * time.Second

func (s *redisServer) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(s.client.Close(), s.process.Stop(ctx))
}
