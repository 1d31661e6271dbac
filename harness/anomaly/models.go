package anomaly

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// StrictSerializable is the strongest model, and the one that is asked for by default.
const StrictSerializable = "strict-serializable"

// model is a consistency model: what it is stronger than, and what it forbids beyond them.
type model struct {
	name      string
	canonical string // Adya's name, where Elle has another one for it
	stronger  []string
	// beside are models that Elle has below this one, but that speak of sessions here, as Biswas and Enea have it: what rules
	// them out without a session rules this one out as well, but this one may hold where they do not.
	beside []string
	// items are models that Elle has apart from this one, and that it is stronger than where nobody reads ranges.
	items   []string
	forbids []string
}

// models is Elle's lattice of models (elle.consistency-model/models, direct-proscribed-anomalies), which gives a source for
// each line. The single-object models below linearizable, and those that nothing here can rule out, are not in it.
func models() []model {
	return []model{
		{name: "read-uncommitted", canonical: "PL-1", forbids: []string{"G0", DuplicateElements, CyclicVersions}},
		{name: "read-committed", canonical: "PL-2", stronger: []string{"read-uncommitted"}, forbids: []string{"G1"}},
		{name: "monotonic-atomic-view", stronger: []string{"read-committed"}},
		{name: "monotonic-view", canonical: "PL-2L", stronger: []string{"read-committed"}, forbids: []string{"G1"}},
		{name: "monotonic-snapshot-read", canonical: "PL-MSR", stronger: []string{"read-committed"}, forbids: []string{"G1"}},
		{name: "cursor-stability", canonical: "PL-CS", stronger: []string{"read-committed"}, forbids: []string{"G1", LostUpdate}},
		{
			name: "consistent-view", canonical: "PL-2+", stronger: []string{"cursor-stability", "monotonic-view"},
			forbids: []string{"G1", "G-single"},
		},
		{name: "forward-consistent-view", canonical: "PL-FCV", stronger: []string{"consistent-view"}, forbids: []string{"G1"}},
		{name: "update-serializable", canonical: "PL-3U", stronger: []string{"forward-consistent-view"}, forbids: []string{"G1"}},
		{name: "read-atomic", stronger: []string{"monotonic-atomic-view"}, forbids: []string{Internal, G1a, FutureRead}},
		{name: "update-atomic", stronger: []string{"read-atomic"}, forbids: []string{LostUpdate}},
		{name: "causal-cerone", stronger: []string{"read-atomic"}, forbids: []string{Internal, G1a}},
		{name: "prefix", stronger: []string{"causal-cerone"}, forbids: []string{Internal, G1a}},
		{
			name: "parallel-snapshot-isolation", stronger: []string{"causal-cerone", "update-atomic"},
			forbids: []string{Internal, G1a},
		},
		{
			name: "repeatable-read", canonical: "PL-2.99", stronger: []string{"cursor-stability", "monotonic-atomic-view"},
			items:   []string{"read-atomic"},
			forbids: []string{"G1", "G2-item", LostUpdate},
		},
		{
			name: "snapshot-isolation", canonical: "PL-SI",
			stronger: []string{
				"forward-consistent-view", "monotonic-atomic-view", "monotonic-snapshot-read",
			},
			beside:  []string{"parallel-snapshot-isolation", "prefix"},
			forbids: []string{Internal, "G1", "G-nonadjacent"},
		},
		{
			name: "serializable", canonical: "PL-3",
			stronger: []string{"repeatable-read", "update-serializable", "snapshot-isolation"},
			forbids:  []string{Internal, "G1", "G2", "predicate-read-miss"},
		},
		{
			name: "strong-session-read-uncommitted", canonical: "strong-session-PL-1", stronger: []string{"read-uncommitted"},
			forbids: []string{"G0-process"},
		},
		{
			name: "strong-session-read-committed", canonical: "strong-session-PL-2",
			stronger: []string{"read-committed", "strong-session-read-uncommitted"}, forbids: []string{"G1c-process"},
		},
		{
			name: "strong-session-snapshot-isolation", stronger: []string{
				"snapshot-isolation", "strong-session-read-committed", "parallel-snapshot-isolation", "prefix",
			},
			forbids: []string{Internal, "G1-process", "G-nonadjacent-process"},
		},
		{
			name: "strong-session-serializable", stronger: []string{"serializable", "strong-session-snapshot-isolation"},
			forbids: []string{"G1-process", "G2-process"},
		},
		{
			name: "strong-read-uncommitted", canonical: "strong-PL-1", stronger: []string{"strong-session-read-uncommitted"},
			forbids: []string{"G0-realtime"},
		},
		{
			name: "strong-read-committed", canonical: "strong-PL-2",
			stronger: []string{"strong-session-read-committed", "strong-read-uncommitted"}, forbids: []string{"G1c-realtime"},
		},
		{
			name: "strong-snapshot-isolation", stronger: []string{"strong-session-snapshot-isolation", "strong-read-committed"},
			forbids: []string{Internal, "G1-realtime", "G-nonadjacent-realtime"},
		},
		{
			name: StrictSerializable, canonical: "PL-SS",
			stronger: []string{"serializable", "strong-snapshot-isolation", "strong-session-serializable", "linearizable"},
			forbids:  []string{"G1", "G1c-realtime", "G2-realtime"},
		},
		{name: "linearizable", forbids: []string{NonLinearizable}},
	}
}

// aliases are other names that Elle has for the same models.
func aliases() map[string]string {
	return map[string]string{"conflict-serializable": "serializable", "strong-serializable": StrictSerializable}
}

// Models are the names of all models, as --model takes them, sorted.
func Models() []string {
	var names []string
	for _, m := range models() {
		names = append(names, m.name)
	}
	names = slices.AppendSeq(names, maps.Keys(aliases()))
	slices.Sort(names)
	return names
}

// ParseModel is the name by which a model is reported. It takes every name that Elle takes for it.
func ParseModel(name string) (string, error) {
	if name == "" {
		return StrictSerializable, nil
	}
	if n, ok := aliases()[name]; ok {
		return n, nil
	}
	for _, m := range models() {
		if name == m.name || name == m.canonical {
			return m.name, nil
		}
	}
	return "", fmt.Errorf("no consistency model is called %q: use one of %s", name, strings.Join(Models(), ", "))
}

// lattice answers questions about models.
type lattice struct {
	all   map[string]model
	above map[string][]string // the models that are stronger, directly
	// besides are those that are so for Elle only.
	besides map[string][]string
	ofItems map[string][]string
}

func newLattice() *lattice {
	l := &lattice{all: map[string]model{}, above: map[string][]string{}, besides: map[string][]string{}, ofItems: map[string][]string{}}
	for _, m := range models() {
		l.all[m.name] = m
		for _, weaker := range m.stronger {
			l.above[weaker] = append(l.above[weaker], m.name)
		}
		for _, weaker := range m.beside {
			l.besides[weaker] = append(l.besides[weaker], m.name)
		}
		for _, weaker := range m.items {
			l.ofItems[weaker] = append(l.ofItems[weaker], m.name)
		}
	}
	return l
}

// weaker and stronger are the neighbours as Elle has them, includes and included those of which one holds wherever the other does.
func (l *lattice) weaker(name string) []string {
	return slices.Concat(l.all[name].stronger, l.all[name].beside)
}

func (l *lattice) stronger(name string) []string {
	return slices.Concat(l.above[name], l.besides[name])
}
func (l *lattice) includes(name string) []string { return l.all[name].stronger }
func (l *lattice) included(name string) []string { return l.above[name] }

// forbiddenBy reports whether the model, or one that it includes, forbids the anomaly or what it is a special case of.
func (l *lattice) forbiddenBy(name string, anomaly string) bool {
	is := implied([]string{anomaly})
	for m := range reach([]string{name}, func(n string) []string { return slices.Concat(l.weaker(n), l.all[n].items) }) {
		for _, f := range l.all[m].forbids {
			if is[f] {
				return true
			}
		}
		if anomaly == l.cycleExists(m) {
			return true
		}
	}
	for m := range reach([]string{name}, l.includes) {
		if anomaly == l.cycleExists(m)+sessionSuffix {
			return true
		}
	}
	return false
}

// sessionSuffix marks what a model that speaks of sessions forbids because of a session.
const sessionSuffix = "-process"

// cycleExists is the anomaly of which nothing is known but that it is a cycle which the model forbids.
func (l *lattice) cycleExists(name string) string {
	if c := l.all[name].canonical; c != "" {
		name = c
	}
	return name + "-cycle-exists"
}

// ruledOut is every model that one of the anomalies excludes.
func (l *lattice) ruledOut(anomalies []string) map[string]bool {
	return l.excluded(anomalies, func(n string) []string { return slices.Concat(l.stronger(n), l.ofItems[n]) })
}

// excluded is every model that one of the anomalies excludes by itself, and those that are stronger.
func (l *lattice) excluded(anomalies []string, stronger func(string) []string) map[string]bool {
	is := implied(anomalies)
	var direct, bySession []string
	for name, m := range l.all {
		if is[l.cycleExists(name)+sessionSuffix] {
			bySession = append(bySession, name)
		}
		if is[l.cycleExists(name)] || slices.ContainsFunc(m.forbids, func(f string) bool { return is[f] }) {
			direct = append(direct, name)
		}
	}
	out := reach(direct, stronger)
	maps.Copy(out, reach(bySession, l.included))
	return out
}

// Boundary says what the anomalies rule out: the weakest models that they exclude, and all others that include one of
// those; and the strongest models that the history is consistent with. All sorted.
func Boundary(anomalies []string) (not, alsoNot, standing []string) {
	l := newLattice()
	out, elle := l.ruledOut(anomalies), l.excluded(anomalies, l.stronger)
	for name := range l.all {
		switch {
		case out[name] && !elle[name], out[name] && slices.ContainsFunc(l.weaker(name), func(w string) bool { return out[w] }):
			alsoNot = append(alsoNot, name)
		case out[name]:
			not = append(not, name)
		case name != "linearizable" && !slices.ContainsFunc(l.included(name), func(s string) bool { return !out[s] }):
			standing = append(standing, name)
		}
	}
	slices.Sort(not)
	slices.Sort(alsoNot)
	slices.Sort(standing)
	return not, alsoNot, standing
}
