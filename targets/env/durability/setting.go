package durability

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// setting is a server's setting, which a row wants otherwise. It keeps nothing of a row, and so is its own Instance.
type setting struct {
	name, value string
	lost        string // how a server that is killed comes to lose what it acknowledged, as a clause; empty: it does not
	given       bool   // another process begins the row, and has the server set so
}

func (s setting) open(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
	s.given = opt.Joins
	return s, nil
}

// Prepare implements store.Instance. Whether the server has such a setting, it says itself. Without a kill nothing is lost.
func (s setting) Prepare(spec *store.RowSpec) (skip string) {
	if !s.given {
		spec.Env.Settings = append(spec.Env.Settings, store.Setting{Name: s.name, Value: s.value})
	}
	if s.lost != "" && spec.Env.Traits.Kills {
		spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
			Name: s.name + "=" + s.value, Causes: promise.HazardSet(promise.LostAck), Why: s.lost,
		})
	}
	return ""
}

// Wrap implements store.Instance: the store itself is set otherwise.
func (s setting) Wrap(inner harness.Target) harness.Target { return inner }

// Close implements store.Instance: the row has given the server its own setting back.
func (s setting) Close() error { return nil }
