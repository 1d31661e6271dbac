package durability

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// setting is a server's setting, which a row wants otherwise. It keeps nothing of a row, and so is its own Decorator.
type setting struct {
	name, value string
	lost        string // how a server that is killed comes to lose what it acknowledged, as a clause; empty: it does not
}

func (s setting) open(context.Context, harness.DecorationOptions) (harness.Decorator, error) {
	return s, nil
}

// Prepare implements harness.Decorator. Whether the server has such a setting, it says itself. Without a kill nothing is lost.
func (s setting) Prepare(spec *harness.RowSpec) (skip string) {
	spec.Around.Settings = append(spec.Around.Settings, harness.Setting{Name: s.name, Value: s.value})
	if s.lost != "" && spec.Around.Traits.Kills {
		spec.Around.Influences = append(spec.Around.Influences, harness.Influence{
			Name: s.name + "=" + s.value, Causes: harness.HazardSet(harness.LostAck), Why: s.lost,
		})
	}
	return ""
}

// Wrap implements harness.Decorator: the store itself is set otherwise.
func (s setting) Wrap(inner harness.Target) harness.Target { return inner }

// Close implements harness.Decorator: the row has given the server its own setting back.
func (s setting) Close() error { return nil }
