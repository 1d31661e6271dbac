package compare

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness/threshold"
)

// Side is what one side of a comparison consists of: one result, or several of one kind. Whatever the kind, it has rows, and what shapes
// their load.
type Side struct {
	Kind    string    `json:"-"` // of results, as their JSON says: run
	Files   []string  `json:"files"`
	Started time.Time `json:"started"` // the first of them; zero where results do not say
	Servers []string  `json:"servers"` // as they were measured
	Command string    `json:"command"` // that makes such a result again; may be empty

	Rows []threshold.Row   `json:"-"`
	Load map[string]string `json:"-"` // what shapes the load, by flag or in words
	Left map[string]string `json:"-"` // rows that were skipped, by key, and why
	More string            `json:"-"` // the command that makes samples enough; empty: none is known

	targets []string            // by name
	axes    map[string][]string // what rows differ in, of which both sides must have something
}

// NewSide is a side without rows, of a kind of results.
func NewSide(kind string) *Side {
	return &Side{Kind: kind, Load: map[string]string{}, Left: map[string]string{}, axes: map[string][]string{}}
}

// Server adds a server; of a target there may be several, such as two ways to set it.
func (s *Side) Server(target, about string) {
	s.targets = note(s.targets, target)
	s.Servers = note(s.Servers, target+": "+about)
}

// Add adds a row of a target's, to those of the same key: its samples beside theirs, and of verdicts the worse stands.
func (s *Side) Add(target string, row threshold.Row) {
	row.Key = keyOf(target, row.Key)
	s.add(&row)
}

// Skip says that a target does not have a row, and why.
func (s *Side) Skip(target, key, why string) { s.Left[keyOf(target, key)] = why }

// Axis notes a value that rows have of something. Sides that have no value of it in common are unlike.
func (s *Side) Axis(name, value string) { s.axes[name] = note(s.axes[name], value) }

func keyOf(target, key string) string { return target + "\x00" + key }

func note(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// OneTarget lets rows of two targets be compared, where each side has one only.
func OneTarget(old, now *Side) *Side {
	if len(old.targets) != 1 || len(now.targets) != 1 || old.targets[0] == now.targets[0] {
		return now
	}
	same := *now
	same.Rows = slices.Clone(now.Rows)
	rename := func(key string) string {
		if rest, ok := strings.CutPrefix(key, keyOf(now.targets[0], "")); ok {
			return keyOf(old.targets[0], rest)
		}
		return key
	}
	for i := range same.Rows {
		same.Rows[i].Key = rename(same.Rows[i].Key)
	}
	same.Left = map[string]string{}
	for key, why := range now.Left {
		same.Left[rename(key)] = why
	}
	return &same
}

// Together is one side of several results. Their loads must be alike.
func Together(all []*Side) (*Side, error) {
	whole := *NewSide(all[0].Kind)
	whole.Load, whole.Command, whole.More = all[0].Load, all[0].Command, all[0].More
	for _, s := range all {
		if err := alike(&whole, s, firstFile(all[0]), firstFile(s)); err != nil {
			return nil, err
		}
		whole.Files = append(whole.Files, s.Files...)
		if !s.Started.IsZero() && (whole.Started.IsZero() || s.Started.Before(whole.Started)) {
			whole.Started = s.Started
		}
		for _, target := range s.targets {
			whole.targets = note(whole.targets, target)
		}
		for _, server := range s.Servers {
			whole.Servers = note(whole.Servers, server)
		}
		for i := range s.Rows {
			whole.add(&s.Rows[i])
		}
		for key, why := range s.Left {
			whole.Left[key] = why
		}
		for name, values := range s.axes {
			for _, value := range values {
				whole.Axis(name, value)
			}
		}
	}
	return &whole, nil
}

func firstFile(s *Side) string {
	if len(s.Files) == 0 {
		return "one of them"
	}
	return s.Files[0]
}

func (s *Side) add(row *threshold.Row) {
	at := slices.IndexFunc(s.Rows, func(r threshold.Row) bool { return r.Key == row.Key })
	if at < 0 {
		s.Rows = append(s.Rows, *row)
		return
	}
	sum := s.Rows[at]
	if worse := cmp.Compare(threshold.Grade(row.Verdict), threshold.Grade(sum.Verdict)); worse > 0 || worse == 0 && row.Surprise && !sum.Surprise {
		sum.Verdict, sum.Surprise, sum.Why, sum.Again = row.Verdict, row.Surprise, row.Why, row.Again
	}
	values := map[string]threshold.Values{}
	for _, m := range threshold.Metrics() {
		if both := sum.Values[m.Name].And(row.Values[m.Name]); !both.None() {
			values[m.Name] = both
		}
	}
	sum.Values = values
	s.Rows[at] = sum
}

// row is that of a key, or nil.
func (s *Side) row(key string) *threshold.Row {
	if i := slices.IndexFunc(s.Rows, func(r threshold.Row) bool { return r.Key == key }); i >= 0 {
		return &s.Rows[i]
	}
	return nil
}
