// Package workers has rows run on workers: it starts those of this machine, or finds the user's, tells them which row to work on, and makes
// that row in a worker. Start at Flags.Hire for the coordinator, at Serve for a worker.
package workers

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/fleet"
)

// Flags are those of `lastseat run` that are about workers.
type Flags struct {
	N      int
	Access fleet.Access
}

// Add adds them.
func (f *Flags) Add(set *pflag.FlagSet) {
	set.IntVar(&f.N, "workers", 0, "processes that the clients are shared among: of this machine, or with --nats anywhere (default: this process alone)")
	set.StringVar(&f.Access.URL, "nats", "", "with --workers: your NATS servers, where lastseat worker --join waits (default: one in this process)")
	accessFlags(set, &f.Access)
}

func accessFlags(set *pflag.FlagSet, a *fleet.Access) {
	set.StringVar(&a.Creds, "nats-creds", "", "file of credentials for NATS")
	set.StringVar(&a.CA, "nats-ca", "", "file of certificates that those of the NATS servers are signed with (default: the system's)")
}

// Names are the names of the flags.
func Names() []string { return []string{"workers", "nats", "nats-creds", "nats-ca"} }

// mostWorkers is more than a run can use.
const mostWorkers = 1000

// Check says what is wrong with them.
func (f *Flags) Check() error {
	switch {
	case f.N < 0 || f.N > mostWorkers:
		return fmt.Errorf("--workers is %d, must be between 0 and %d", f.N, mostWorkers)
	case f.N == 0 && f.Access != fleet.Access{}:
		return errors.New("--nats, --nats-creds and --nats-ca go with --workers: say how many there are")
	case f.Access.URL == "" && f.Access != fleet.Access{}:
		return errors.New("--nats-creds and --nats-ca go with --nats: the server in this process needs neither")
	}
	return nil
}

// The environment of workers that a coordinator starts on its machine: arguments can be seen by others.
const (
	urlVariable   = "LASTSEAT_NATS_URL"
	tokenVariable = "LASTSEAT_NATS_TOKEN"
)

// JoinFlags are those of `lastseat worker`.
type JoinFlags struct{ Access fleet.Access }

// Add adds them.
func (f *JoinFlags) Add(set *pflag.FlagSet) {
	set.StringVar(&f.Access.URL, "join", "", "the NATS servers of the coordinator's --nats (default: $"+urlVariable+")")
	accessFlags(set, &f.Access)
}

// Check fills in what the environment says, and says what is missing.
func (f *JoinFlags) Check() error {
	if f.Access.URL == "" {
		f.Access.URL, f.Access.Token = os.Getenv(urlVariable), os.Getenv(tokenVariable)
	}
	if f.Access.URL == "" {
		return errors.New("a worker needs the NATS servers of its coordinator: lastseat worker --join nats://host:4222, as in the coordinator's --nats")
	}
	return nil
}
