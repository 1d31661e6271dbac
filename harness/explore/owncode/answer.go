package owncode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/serial"
)

// valueKey finds in a client's context where what its function returns belongs.
type valueKey struct{}

// Returning makes a client of a function that returns a value. Where Code.Check is nil the value must be what some serial order gives,
// as JSON has it.
func Returning[DB, T any](f func(context.Context, DB) (T, error)) func(context.Context, DB) error {
	return func(ctx context.Context, db DB) error {
		v, err := f(ctx, db)
		if place, ok := ctx.Value(valueKey{}).(*any); ok {
			*place = v
		}
		return err
	}
}

// answer is what the function returned, to be compared. An error that the database gave and the function handed on says nothing of what
// has happened; any other is a refusal, and as much an answer as a value.
func (w *worker[DB]) answer() (serial.Answer, error) {
	a := serial.Answer{Given: true, Outcome: harness.OK, Text: "returns nil"}
	var value []byte
	if w.value != nil {
		var err error
		if value, err = json.Marshal(w.value); err != nil {
			return a, fmt.Errorf("%s: %w: %w", w.name, ErrValue, err)
		}
		a.Text = "returns " + clip(string(value), maxAnswer)
	}
	said := ""
	switch {
	case w.told == nil:
	case w.handedOn():
		a.Outcome, value, said = harness.Unknown, nil, "an error of the database"
	default:
		a.Outcome, said = harness.Rejected, w.told.Error()
	}
	if w.told != nil {
		a.Text = "returns the error " + clip(w.told.Error(), maxAnswer)
	}
	a.Parts = serial.Body(w.name, 0, value)
	for i := range a.Parts {
		for c, name := range a.Parts[i].Columns {
			a.Parts[i].Columns[c] = strings.Replace(name, "body", "value", 1)
		}
	}
	a.Parts[0].Columns[0], a.Parts[0].Rows[0][0] = "error", said
	return a, nil
}

// maxAnswer is how many characters of an answer are shown.
const maxAnswer = 200

// handedOn: the function's error is, or tells, one that the database answered in this schedule.
func (w *worker[DB]) handedOn() bool {
	var panicked *PanicError
	if errors.As(w.told, &panicked) || errors.Is(w.told, context.Canceled) || errors.Is(w.told, context.DeadlineExceeded) {
		return true
	}
	for _, s := range w.statements() {
		if s.answered && s.err != nil && (errors.Is(w.told, s.err) || strings.Contains(w.told.Error(), s.err.Error())) {
			return true
		}
	}
	return false
}
