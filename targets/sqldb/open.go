package sqldb

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/store"
)

// OpenError says in one sentence what is wrong with a server, and what to do about it.
type OpenError struct {
	What string
	Err  error
	Do   string
}

func (e *OpenError) Error() string { return fmt.Sprintf("%s: %v; %s", e.What, e.Err, e.Do) }

// Unwrap is the server's own error.
func (e *OpenError) Unwrap() error { return e.Err }

// RunName names what a run makes on a server (lastseat_ and 8 hexadecimal digits), and its number among advisory locks. A run that
// another process has opened has its name.
func RunName(cfg store.OpenConfig) (name string, key int32) {
	name = cfg.Attach
	if name == "" {
		var b [4]byte
		_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
		name = "lastseat_" + hex.EncodeToString(b[:])
	}
	return name, runKey(name)
}

// ErrConnections is what Room's errors match.
var ErrConnections = errors.New("too few connections")

// Limit is a bound on connections: how many more it allows, and what the server calls it.
type Limit struct {
	Free int
	Name string
}

// Room decides how many connections clients may use under a server's limits: as many as cfg asks for, or, if it does not insist, as many
// as the tightest leaves free. One stays for lastseat itself.
func Room(cfg store.OpenConfig, limits ...Limit) (n int, note string, err error) {
	tightest := slices.MinFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Free, b.Free) })
	n = cfg.Connections
	if cfg.Attach != "" {
		return n, "", nil // who made the run has seen to that
	}
	const ofWorker = 2 // connections that a worker has beside its clients
	switch free := tightest.Free - 1 - ofWorker*cfg.Workers; {
	case free < 1, cfg.Strict && free < n:
		return 0, "", fmt.Errorf("%w: the run wants %d and the server has %d free; raise its %s, close other sessions, or ask for less with --connections",
			ErrConnections, n, max(free, 0), tightest.Name)
	case free < n:
		return free, fmt.Sprintf("%d clients share %d connections, as many as the server has free (%s)", n, free, tightest.Name), nil
	}
	return n, "", nil
}
