package recheck

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
)

// Certify proves what Recording said of the history under the model that was asked for. Of lastseat's own operations on cells the
// transactions are reads and writes of versions.
func Certify(ctx context.Context, rec *history.Recording, j *Result, opt *Options) (*certificate.Certificate, error) {
	switch {
	case j.Verdict == harness.Inconclusive:
		return nil, fmt.Errorf("%w, as nothing was decided: %s", certificate.ErrNone, j.Reason)
	case rec.Keyed != nil:
		return certifyKeys(ctx, rec, j, opt)
	}
	t, err := provable(rec)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", certificate.ErrNone, err)
	case j.Model == "":
		return nil, fmt.Errorf("%w, as the verdict is of invariants: ask for a model with --model", certificate.ErrNone)
	}
	c, err := anomaly.Certify(ctx, t, j.Model)
	if err != nil {
		return nil, err
	}
	switch same := (c.Holds != nil) == (j.Verdict == harness.Safe); {
	case !same && rec.Lastseat != nil:
		return nil, fmt.Errorf("%w: the verdict rests on invariants, or on the order in which the store made its versions, which what transactions read does not show", certificate.ErrNone)
	case !same:
		return nil, fmt.Errorf("%w that proves what was found: please report the history", certificate.ErrNone)
	}
	c.Initial = opt.Initial
	return c, nil
}

// certifyKeys proves of one key that the model does not hold, or of each that it does.
func certifyKeys(ctx context.Context, rec *history.Recording, j *Result, opt *Options) (*certificate.Certificate, error) {
	all := &certificate.Certificate{Workload: rec.Workload, Model: j.Model, Initial: opt.Initial}
	for _, k := range rec.Keyed {
		if j.Verdict == harness.Unsafe && k.Key != j.Keys.Unsafe[0] {
			continue
		}
		c, err := anomaly.Certify(ctx, k.Transactions, j.Model)
		switch {
		case err != nil:
			return nil, fmt.Errorf("key %s: %w", k.Key, err)
		case (c.Holds != nil) != (j.Verdict == harness.Safe):
			return nil, fmt.Errorf("key %s: %w that proves what was found: please report the history", k.Key, certificate.ErrNone)
		}
		c.Key = k.Key
		all.Keys = append(all.Keys, c)
	}
	return all, nil
}

// provable is a recording as transactions of which there may be certificates.
func provable(rec *history.Recording) (*history.Transactions, error) {
	if rec.Lastseat != nil && rec.Lastseat.Incomplete != "" {
		return nil, errors.New(rec.Lastseat.Incomplete)
	}
	if rec.Lastseat == nil && rec.Transactions == nil {
		return nil, fmt.Errorf("it is a history of %s: append, register, mixed and lastseat's own have some", rec.Workload)
	}
	t, err := Transactions(rec)
	if err == nil && t.Holds(history.Sets) {
		err = errors.New("its transactions read ranges: append, register, mixed and lastseat's own of such content have some")
	}
	return t, err
}

// Verify reports what is wrong with a certificate of the history; nil: it proves what it says.
func Verify(c *certificate.Certificate, rec *history.Recording) error {
	if rec.Keyed != nil {
		if c.Initial != "" {
			if err := startEach(rec.Keyed, c.Initial); err != nil {
				return err
			}
		}
		return certificate.VerifyKeys(c, rec.Keyed)
	}
	t, err := provable(rec)
	if err != nil {
		return fmt.Errorf("of such a history there are no certificates: %w", err)
	}
	if c.Initial != "" {
		if err := t.StartAt(c.Initial); err != nil {
			return err
		}
	}
	return certificate.Verify(c, t)
}
