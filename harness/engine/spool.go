package engine

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// newSpool is where the row's history grows; nil: in memory alone.
func newSpool(cfg *Config) *spool.Spool {
	if cfg.SpoolAfter == 0 || cfg.Counts {
		return nil
	}
	return spool.New(spool.Folder(), cfg.SpoolAfter)
}

// onScratch has f look at the history until ctx ends, with a spool of its own for what it needs meanwhile.
func onScratch(ctx context.Context, h *harness.History, f func(h *harness.History)) error {
	own := *h
	own.Spool, own.Ended = h.Spool.Scratch(), ctx.Err
	err := spool.Catch(func() { f(&own) })
	if closed := own.Spool.Close(); err == nil && closed != nil {
		return fmt.Errorf("close a temporary file: %w", closed)
	}
	return err
}
