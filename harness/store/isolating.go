package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Isolating is an optional capability of a Server: what its levels are declared to do can be measured, statement by statement.
type Isolating interface {
	Scripted
	// Isolation is what a level is declared to do: what promises are derived from. Where there is no such level, or it is another
	// one by a second name, skip says so.
	Isolation(level harness.Level) (iso promise.Isolation, skip string)
	// Wipe removes all that scripts have made. None may be open.
	Wipe(ctx context.Context) error
	// Variants are the same server with each value of a setting that changes what its levels do; nil: there is no such setting.
	Variants() []Variant
}

// Variant is a server whose sessions are set in one of several ways.
type Variant struct {
	Setting Setting
	Isolating
}
