// Package limits refuses to begin what the limits of the shell would end in the middle.
package limits

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/suite"
)

// What the shell's limits must leave, measured: below the first, Go's runtime runs out of address space in runs of 64 clients, and
// ends the program with a stack trace (below about 1 GB it may do so before any line of ours); below the second, a throwaway server does
// not start.
const (
	leastAddressSpace = 2 << 30
	leastFiles        = 256
)

// EnoughFiles refuses a run whose connections the limit on open files does not allow. With things around the store, an operation
// may take a connection to the store, both of a proxy's ends, one to the lock's server and one to a replica or a service.
func EnoughFiles(t *suite.Table) error {
	limit := filesLimit()
	for _, row := range t.Rows {
		s := row.Opened()
		if s.Spec.Engine.Embedded {
			continue
		}
		perConnection := 1
		if row.Environment.Any() {
			perConnection = 5
		}
		needed := leastFiles + perConnection*s.Info.Connections
		if limit > 0 && limit < uint64(needed) {
			return fmt.Errorf("%w: it allows %d, and %d connections to %s need up to %d; raise it with ulimit -n %d, or ask for less with --connections",
				errFiles, limit, s.Info.Connections, s.Spec.Name, needed, needed)
		}
	}
	return nil
}
