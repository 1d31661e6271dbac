package lock

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
)

const (
	// One in lateEvery releases without a look at the owner comes late, by lateBy lives of the lock.
	lateEvery = 4
	lateBy    = 2
)

// hook is where locks are misused, and where a holder looks whether it still has them.
func (s *session) hook(ctx context.Context, a harness.Action) error {
	switch a.Point {
	case harness.AtGap:
		return s.inGap(ctx)
	case harness.AtCommit:
		return s.beforeCommit(ctx)
	default:
		return nil
	}
}

func (s *session) inGap(ctx context.Context) error {
	switch s.misuse() {
	case locksLate:
		if err := s.take(ctx); err != nil {
			return err
		}
	case expiresEarly: // the work is a little longer than the lock lives
		if err := harness.Sleep(ctx, shortExpiry+shortExpiry/2); err != nil {
			return err
		}
	case properly, noExpiry, noOwner, releasesEarly:
	}
	if s.row.traits.Unlocks {
		return s.row.instance.kills.linger(ctx, s.since, s.wanted)
	}
	return nil
}

func (s *session) beforeCommit(ctx context.Context) error {
	if s.misuse() == releasesEarly {
		for _, h := range s.held {
			s.row.leave(h.cell)
		}
		s.giveBack(ctx)
		return nil
	}
	if !s.row.terms.renew {
		return nil
	}
	for _, h := range s.held {
		if !h.lease.Held(ctx) {
			return fmt.Errorf("cell %d: %w", h.cell, errLost)
		}
	}
	return nil
}

// poll tries until it has the lock, an error that is none of waiting, or no time left.
func poll(ctx context.Context, wait time.Duration, try func(ctx context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	backoff := firstPoll
	for {
		ok, err := try(ctx)
		if ok {
			return nil
		}
		if harness.Sleep(ctx, jitter(backoff)) != nil {
			if err != nil {
				return fmt.Errorf("%w: %w", ErrBusy, err)
			}
			return ErrBusy
		}
		backoff = min(2*backoff, lastPoll)
	}
}
