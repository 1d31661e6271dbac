package store

import (
	"errors"
	"fmt"
)

// ErrHome is what an error matches where SQL whose names have no schema would meet tables that are not the run's own.
var ErrHome = errors.New("SQL without schema names is refused")

// CheckHome compares the schema that a connection is in with the run's own.
func CheckHome(got, want string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%w: a pooler before the server has put the connection into schema %q instead of the run's own %s; "+
		"name the server itself in the DSN", ErrHome, got, want)
}
