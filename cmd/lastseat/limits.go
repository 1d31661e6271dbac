package main

import "fmt"

// What the shell's limits must leave, measured: below the first, Go's runtime runs out of address space in runs of 64 clients, and
// ends the program with a stack trace (below about 1 GB it may do so before any line of ours); below the second, a throwaway server does
// not start.
const (
	leastAddressSpace = 2 << 30
	leastFiles        = 256
)

// enoughFiles refuses a run whose connections the limit on open files does not allow. With things around the store, an operation
// may take a connection to the store, both of a proxy's ends, one to the lock's server and one to a replica or a service.
func enoughFiles(servers []*opened, around []around, limit uint64) error {
	perConnection := 1
	for _, a := range around {
		for _, pick := range a.picks {
			if pick != nil {
				perConnection = 5
			}
		}
	}
	for _, s := range servers {
		if s.spec.engine.Embedded {
			continue
		}
		needed := leastFiles + perConnection*s.info.Connections
		if limit > 0 && limit < uint64(needed) {
			return fmt.Errorf("%w: it allows %d, and %d connections to %s need up to %d; raise it with ulimit -n %d, or ask for less with --connections",
				errFiles, limit, s.info.Connections, s.spec.name, needed, needed)
		}
	}
	return nil
}
