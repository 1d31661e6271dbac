package interrupt

import (
	"context"
	"fmt"
	"io"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
)

// Code is the exit code of what was found of a program. It says of one that was interrupted that it was, and what was done until then.
func Code(ctx context.Context, verdict harness.Verdict, thresholds []threshold.Outcome, done string, stderr io.Writer) int {
	interrupted := ctx.Err() != nil
	if interrupted {
		fmt.Fprintln(stderr, "lastseat: INTERRUPTED: what was "+done+" until then is above")
	}
	switch {
	case verdict == harness.Unsafe:
		return suite.ExitBroken
	case interrupted:
		return suite.ExitInterrupted
	case threshold.Failed(thresholds):
		return suite.ExitThreshold
	case verdict == harness.Inconclusive:
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}
