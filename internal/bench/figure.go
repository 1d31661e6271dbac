package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchmath"
)

// slowError says that a turn has no figure since the machine was too slow for it, not since something is wrong: nothing was done within
// its time, it did not end, or its statements waited too long for locks. Every other error of a turn is a defect.
type slowError struct{ why string }

func (e *slowError) Error() string { return e.why }

func slow(format string, args ...any) error { return &slowError{fmt.Sprintf(format, args...)} }

func isSlow(err error) bool {
	var s *slowError
	return errors.As(err, &s)
}

// pace is what a side did in a turn.
type pace struct {
	rate float64       // operations a second
	cpu  time.Duration // of the client's processors, for each operation; 0: not known
}

// side is one of those that take turns: its figure of each turn, NaN where it has none, and why it first had none.
type side struct {
	run   func() (pace, error)
	rates []float64
	cpu   []float64 // in µs, of the turns that say so
	why   error
}

// turn takes a turn. After a defect there are no more.
func (s *side) turn() {
	did, err := pace{}, s.why
	if err == nil || isSlow(err) {
		did, err = s.run()
	}
	if err == nil && did.rate == 0 {
		err = slow("nothing was done in the time of a turn")
	}
	rate := did.rate
	if err == nil && did.cpu > 0 {
		s.cpu = append(s.cpu, float64(did.cpu)/float64(time.Microsecond))
	}
	if err != nil {
		rate = math.NaN()
		if s.why == nil || !isSlow(err) {
			s.why = err
		}
	}
	s.rates = append(s.rates, rate)
}

// inTurns has the sides take turns, each first as often as the others.
func inTurns(turns int, sides ...*side) {
	for n := range turns {
		for i := range sides {
			sides[(i+n)%len(sides)].turn()
		}
	}
}

// figures are the figures that there are.
func (s *side) figures() []float64 {
	return slices.DeleteFunc(slices.Clone(s.rates), math.IsNaN)
}

// String is the median, as a cell of a table: "no figure" and why where there is none, and how many turns had none.
func (s *side) String() string {
	all := s.figures()
	switch {
	case len(all) == 0 && s.why != nil:
		return "no figure: " + oneLine(s.why.Error())
	case len(all) == 0:
		return "no figure"
	case s.why != nil:
		return fmt.Sprintf("%.0f; no figure in %d of %d turns: %s", summary(all).Center, len(s.rates)-len(all), len(s.rates), oneLine(s.why.Error()))
	}
	return fmt.Sprintf("%.0f", summary(all).Center)
}

// spent is the median of the client's CPU time an operation, as a cell of a table.
func (s *side) spent() string {
	if len(s.cpu) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", summary(s.cpu).Center)
}

// oneLine is the beginning of a text, fit for a cell of a table.
func oneLine(text string) string {
	const most = 160
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "|", "/")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}

// ratios are s's figures by those of the same turns of the other.
func (s *side) ratios(other *side) []float64 {
	var all []float64
	for i, rate := range s.rates {
		if r := rate / other.rates[i]; !math.IsNaN(r) {
			all = append(all, r)
		}
	}
	return all
}

// ratio writes ratios as their median and its interval: 0.97 [0.93–1.02].
func ratio(ratios []float64) string {
	if len(ratios) == 0 {
		return "–"
	}
	s := summary(ratios)
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) {
		return fmt.Sprintf("%.2f", s.Center)
	}
	return fmt.Sprintf("%.2f [%.2f–%.2f]", s.Center, s.Lo, s.Hi)
}

// summary is the median with its interval at 95 %, which needs 6 samples.
func summary(values []float64) benchmath.Summary {
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), 0.95)
}

// trouble is what the sides lack, as errors that say where.
func trouble(where string, sides ...*side) error {
	var all []error
	for _, s := range sides {
		if s.why != nil {
			all = append(all, fmt.Errorf("%s: %w", where, s.why))
		}
	}
	return errors.Join(all...)
}

// exitCode is what a run comes to: 2 for a defect; 3 where only figures are missing for want of speed, and were asked for.
func exitCode(err error, quick bool) int {
	switch {
	case err == nil:
		return 0
	case !onlySlow(err):
		return 2
	case quick:
		return 0
	}
	return 3
}

// onlySlow reports whether all errors that err joins are of a slow machine.
func onlySlow(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return !onlySlow(e) })
	}
	if inner := errors.Unwrap(err); inner != nil {
		return onlySlow(inner)
	}
	return isSlow(err)
}
