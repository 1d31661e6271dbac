package durability

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// setting is a server's setting, which a row wants otherwise. It keeps nothing of a row, and so is its own Decorator.
type setting struct {
	name, value string
	lost        string // how a server that is killed comes to lose what it acknowledged, as a clause; empty: it does not
}

func (s setting) open(context.Context, store.DecorationOptions) (store.Decorator, error) {
	return s, nil
}

// Prepare implements store.Decorator. Whether the server has such a setting, it says itself. Without a kill nothing is lost.
func (s setting) Prepare(spec *store.RowSpec) (skip string) {
	spec.Around.Settings = append(spec.Around.Settings, store.Setting{Name: s.name, Value: s.value})
	if s.lost != "" && spec.Around.Traits.Kills {
		spec.Around.Influences = append(spec.Around.Influences, promise.Influence{
			Name: s.name + "=" + s.value, Causes: promise.HazardSet(promise.LostAck), Why: s.lost,
		})
	}
	return ""
}

// Wrap implements store.Decorator: the store itself is set otherwise.
func (s setting) Wrap(inner harness.Target) harness.Target { return inner }

// Close implements store.Decorator: the row has given the server its own setting back.
func (s setting) Close() error { return nil }
