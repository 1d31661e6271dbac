package certificate

import (
	"maps"
	"slices"
)

// rule is what a model asks of an order.
type rule struct {
	how      how
	sessions bool
	realtime bool
	// loose: a transaction's reads need not fit each other, nor its own writes.
	loose bool
}

// how transactions are ordered.
type how uint8

const (
	moments   how = iota // each happens at one moment
	snapshot             // reads at its beginning, writes at its commit; of two that write the same key one commits before the other begins
	prefix               // the same without the last
	parallel             // sees some; what these saw; and of two that write the same key one sees the other
	causal               // sees some, and what these saw
	readAtom             // sees some, each whole
	committed            // reads what committed before
)

var rules = map[string]rule{
	"serializable":                      {how: moments},
	"strong-session-serializable":       {how: moments, sessions: true},
	"strict-serializable":               {how: moments, realtime: true},
	"snapshot-isolation":                {how: snapshot},
	"strong-session-snapshot-isolation": {how: snapshot, sessions: true},
	"strong-snapshot-isolation":         {how: snapshot, realtime: true},
	"prefix":                            {how: prefix, sessions: true},
	"parallel-snapshot-isolation":       {how: parallel, sessions: true},
	"causal-cerone":                     {how: causal, sessions: true},
	"read-atomic":                       {how: readAtom, sessions: true},
	"repeatable-read":                   {how: moments}, // without ranges
	"consistent-view":                   {how: parallel, loose: true},
	"read-committed":                    {how: committed, loose: true},
	"strong-session-read-committed":     {how: committed, loose: true, sessions: true},
	"strong-read-committed":             {how: committed, loose: true, realtime: true},
}

// Models are the models that are proved, or refuted, by themselves.
func Models() []string { return slices.Sorted(maps.Keys(rules)) }

// includes are, by model, those of which each holds wherever it does (Elle's lattice; what it has of sessions is as docs/check.md says).
var includes = map[string][]string{
	"strict-serializable":               {"strong-session-serializable", "strong-snapshot-isolation"},
	"strong-session-serializable":       {"serializable", "strong-session-snapshot-isolation"},
	"serializable":                      {"repeatable-read", "update-serializable", "snapshot-isolation"},
	"strong-snapshot-isolation":         {"strong-session-snapshot-isolation", "strong-read-committed"},
	"strong-session-snapshot-isolation": {"snapshot-isolation", "strong-session-read-committed", "parallel-snapshot-isolation", "prefix"},
	"snapshot-isolation":                {"forward-consistent-view", "monotonic-atomic-view", "monotonic-snapshot-read"},
	"repeatable-read":                   {"cursor-stability", "monotonic-atomic-view"},
	"update-serializable":               {"forward-consistent-view"},
	"forward-consistent-view":           {"consistent-view"},
	"consistent-view":                   {"cursor-stability", "monotonic-view"},
	"parallel-snapshot-isolation":       {"causal-cerone", "update-atomic"},
	"prefix":                            {"causal-cerone"},
	"causal-cerone":                     {"read-atomic"},
	"update-atomic":                     {"read-atomic"},
	"read-atomic":                       {"monotonic-atomic-view"},
	"strong-read-committed":             {"strong-session-read-committed", "strong-read-uncommitted"},
	"strong-session-read-committed":     {"read-committed", "strong-session-read-uncommitted"},
	"strong-read-uncommitted":           {"strong-session-read-uncommitted"},
	"strong-session-read-uncommitted":   {"read-uncommitted"},
	"cursor-stability":                  {"read-committed"},
	"monotonic-atomic-view":             {"read-committed"},
	"monotonic-snapshot-read":           {"read-committed"},
	"monotonic-view":                    {"read-committed"},
	"read-committed":                    {"read-uncommitted"},
}

// Includes reports whether a model holds only where the other one does.
func Includes(model, other string) bool {
	return model == other || slices.ContainsFunc(includes[model], func(m string) bool { return Includes(m, other) })
}

func (h how) views() bool { return h >= parallel && h != committed }

func (h how) split() bool { return h == snapshot || h == prefix }
