package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Cluster is several throwaway servers that hold one state. Each has a watchdog of its own.
type Cluster struct{ Servers []*Server }

// StartCluster starts a server for each of the options, side by side, and waits until all answer; whether they have found each other is
// theirs to say. The caller must Stop it.
func StartCluster(ctx context.Context, b Binary, nodes []Options) (*Cluster, error) {
	servers, errs := make([]*Server, len(nodes)), make([]error, len(nodes))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for i := range nodes {
		wg.Go(func() {
			if servers[i], errs[i] = Start(ctx, b, nodes[i]); errs[i] != nil {
				cancel() // the others would wait for it in vain
			}
		})
	}
	wg.Wait()
	c := &Cluster{}
	for _, s := range servers {
		if s != nil {
			c.Servers = append(c.Servers, s)
		}
	}
	if err := firstCause(errs); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return nil, errors.Join(err, c.Stop(stop))
	}
	return c, nil
}

// firstCause is the first error that is not the end of another's; nil where there is none.
func firstCause(errs []error) (first error) {
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

// Stop stops all servers, side by side. Safe to call again.
func (c *Cluster) Stop(ctx context.Context) error {
	errs := make([]error, len(c.Servers))
	var wg sync.WaitGroup
	for i, s := range c.Servers {
		wg.Go(func() { errs[i] = s.Stop(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// FreePorts are ports that nobody uses now, for what servers of a cluster tell each other.
func FreePorts(ctx context.Context, n int) ([]int, error) {
	var lc net.ListenConfig
	var ports []int
	for range n {
		l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find free ports: %w", err)
		}
		defer l.Close() //nolint:errcheck // all are held until the last is found; nothing is lost with a listener
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
