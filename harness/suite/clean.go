package suite

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness/store"
)

// Clean drops what dead runs have left on users' servers, or with only finds it only, and hands on what each server had. A server that
// fails does not keep the others from their turn.
func Clean(ctx context.Context, specs []TargetSpec, only bool, each func(target string, left []store.Leftover) error) error {
	for _, s := range specs {
		if s.Engine.Clean == nil {
			return fmt.Errorf("target %s: it has no server to clean: its runs leave nothing behind", s.Name)
		}
		if s.DSN == "" {
			return fmt.Errorf("target %s: name the server with --dsn or --target %s=DSN: throwaway servers leave nothing behind", s.Name, s.Name)
		}
	}
	var errs []error
	for _, s := range specs {
		left, err := s.Engine.Clean(ctx, s.DSN, only)
		if err != nil {
			errs = append(errs, fmt.Errorf("target %s: %w", s.Name, err))
		}
		if err == nil || len(left) > 0 {
			errs = append(errs, each(s.Name, left))
		}
		for i := range left {
			if left[i].Err != nil {
				errs = append(errs, fmt.Errorf("target %s: %s: %w", s.Name, left[i].Name, left[i].Err))
			}
		}
	}
	return errors.Join(errs...)
}
