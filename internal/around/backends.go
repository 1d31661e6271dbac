package around

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
)

// Backends are the addresses of the user's own servers that keep the locks of environments: as flags name them, else as the environment does.
func (a *Flags) Backends(f *pflag.FlagSet, environments []suite.Environment) (map[string]string, error) {
	all := map[string]string{}
	for i, b := range targets.LockBackends() {
		address, from := strings.Join(a.backends[i], ","), "--"+b.Name
		used := slices.ContainsFunc(environments, func(e suite.Environment) bool {
			return slices.ContainsFunc(e.Components, func(c suite.Component) bool { return c.Backend == b.Name })
		})
		switch {
		case f.Changed(b.Name) && !used:
			return nil, fmt.Errorf("--%s names servers that keep locks, and no --lock of this run is in %s; add --lock %s, or another of lastseat list lock", b.Name, b.Title, lockedBy(b.Name)[0])
		case !f.Changed(b.Name):
			address, from = os.Getenv(b.Env), b.Env
		case address == "":
			return nil, fmt.Errorf("--%s is empty, must be the address of %s", b.Name, b.Title)
		}
		if address == "" || !used {
			continue
		}
		if err := b.Check(address); err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		all[b.Name] = address
	}
	return all, nil
}

// lockedBy are the components that use a backend.
func lockedBy(backend string) (names []string) {
	for _, axis := range targets.Axes() {
		for _, c := range axis.Components {
			if c.Backend == backend {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// BackendVariables are the environment variables that name servers of the user's own, by the flags that do.
func BackendVariables() map[string]string {
	all := map[string]string{}
	for _, b := range targets.LockBackends() {
		all[b.Name] = b.Env
	}
	return all
}
