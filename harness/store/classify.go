package store

import (
	"errors"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// Classifier is an optional capability of a Server: it knows what the errors of its engine's drivers mean.
type Classifier interface {
	// Classify is Classify without refusals.
	Classify(err error) harness.Result
}

// Classify says what a client knows whose operation ended with err: what engine.Code.Run answers. The operation is one transaction on the
// server (or one statement), rolled back when it fails; its errors are those of the engine's usual drivers, also through database/sql and
// wrapped (pgx, lib/pq; go-sql-driver/mysql; modernc.org/sqlite):
//
//   - nil is OK; an error that matches one of the refusals (the program's own "sold out"), or a CHECK, is Rejected;
//   - serialization failure, deadlock, lock time-out and a unique key that is taken are Failed with their Conflict: another attempt may succeed;
//   - any other error that the server answered is Failed: the transaction is rolled back;
//   - all else is Unknown: time is up, the connection broke, the server went away, or an error of the program's that is no refusal.
func Classify(server Server, err error, refusals ...error) harness.Result {
	if err != nil && slices.ContainsFunc(refusals, func(refusal error) bool { return errors.Is(err, refusal) }) {
		return harness.Result{Outcome: harness.Rejected}
	}
	if c, ok := server.(Classifier); ok {
		return c.Classify(err)
	}
	if err == nil {
		return harness.Result{Outcome: harness.OK}
	}
	return harness.Result{Outcome: harness.Unknown, Err: err}
}
