package engine

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// newSpool is where the row's history grows; nil: in memory alone.
func newSpool(row *Row, cfg *Config) *spool.Spool {
	whole := func(c harness.Checker) bool { return c.Whole }
	if cfg.SpoolAfter == 0 || cfg.Counts || slices.ContainsFunc(row.Workload.Checks(), whole) {
		return nil
	}
	return spool.New(spool.Folder(), cfg.SpoolAfter)
}

// onScratch has f look at the history, with a spool of its own for what it needs meanwhile.
func onScratch(h *harness.History, f func(h *harness.History)) error {
	own := *h
	own.Spool = h.Spool.Scratch()
	err := spool.Catch(func() { f(&own) })
	if closed := own.Spool.Close(); err == nil && closed != nil {
		return fmt.Errorf("close a temporary file: %w", closed)
	}
	return err
}
