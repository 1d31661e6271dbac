package schedule

import "context"

// Measured is what a level did with an anomaly, beside what it is declared to do.
type Measured struct {
	Skip     string // why nothing was measured; then there is no Outcome
	Outcome  *Outcome
	Through  bool // the anomaly was let through
	How      string
	Plays    int
	Apart    bool // the sessions were on several servers, which decide the order of commits when they like
	Declared bool // the schedule names a hazard, so that something is declared
	Prevents bool // declared: the level prevents it
}

// AsDeclared reports whether nothing else came out than was declared.
func (m *Measured) AsDeclared() bool {
	return m.Skip != "" || !m.Declared || m.Through != m.Prevents || m.Undecided()
}

// Undecided reports whether the anomaly was not seen, and nothing says that it cannot be: the servers may have had no occasion.
func (m *Measured) Undecided() bool { return m.Apart && m.Declared && !m.Prevents && !m.Through }

// Measure plays a schedule, and compares what came of it with what the level is declared to prevent.
func Measure(ctx context.Context, s *Schedule, at Place) (m Measured, err error) {
	iso, skip := at.Server.Isolation(at.Level)
	if skip != "" {
		return Measured{Skip: skip}, nil
	}
	hazard, declared := s.HazardOf()
	m = Measured{Declared: declared, Prevents: iso.Prevents.Has(hazard)}
	m.Apart, m.Plays = at.Server.Servers() > 1, 1
	if m.Apart && at.Search {
		m.Outcome, m.Through, m.How, m.Plays, err = playApart(ctx, s, at)
		return m, err
	}
	if m.Outcome, err = Play(ctx, s, at); err != nil {
		return m, err
	}
	m.Through, m.How = m.Outcome.Let()
	return m, nil
}
