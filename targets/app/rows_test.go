package app_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app"
)

// seen is a lane that notes what came of each schedule.
type seen struct {
	program.Lane
	mu  sync.Mutex
	all map[string]bool
}

func (s *seen) Outcome(ctx context.Context) (*serial.Outcome, error) {
	o, err := s.Lane.Outcome(ctx)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, a := range o.Answers {
		fmt.Fprintln(&b, a.Text)
	}
	for _, t := range o.Tables {
		var lines []string
		for _, r := range t.Rows {
			lines = append(lines, strings.Join(r, ","))
		}
		slices.Sort(lines)
		fmt.Fprintln(&b, t.Name, lines)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[b.String()] = true
	return o, nil
}

// TestRows: clients that touch different rows have fewer schedules, and these come to all that the schedules of every order come to. Every run
// tries some at the level that each product has by default; LASTSEAT_PATTERNS tries all at every level.
func TestRows(t *testing.T) {
	t.Parallel()
	levels, modes := []harness.Level{""}, []string{"rows/missing", "rows/cross", "rows/circle"}
	if os.Getenv("LASTSEAT_PATTERNS") != "" {
		modes = append(modes, "rows/apart", "rows/lock", "rows/delete")
		levels = []harness.Level{harness.ReadCommitted, harness.RepeatableRead, harness.Serializable}
	}
	for _, engine := range []string{"postgres", "mysql", "mariadb"} {
		for _, level := range levels {
			t.Run(engine+string(level), func(t *testing.T) {
				t.Parallel()
				rows(t, engine, level, modes)
			})
		}
	}
}

func rows(t *testing.T, engine string, level harness.Level, modes []string) {
	t.Helper()
	p := open(t, file(t, engine, modes...), app.Options{Level: level})
	runs := map[bool]map[string]*program.Pair{}
	outcomes := map[bool]map[string]map[string]bool{}
	for _, full := range []bool{false, true} {
		x := explorer(p, p.Names()...)
		watched := &seen{Lane: x.Lanes[0], all: map[string]bool{}}
		x.Lanes[0], x.Full, x.Apart = watched, full, time.Millisecond // there are no times in the tables
		for _, name := range x.Operations {
			x.Only = append(x.Only, []string{name, name})
		}
		runs[full], outcomes[full] = map[string]*program.Pair{}, map[string]map[string]bool{}
		_, err := x.Run(t.Context(), func(got *program.Pair) error {
			name := got.Operations[0]
			runs[full][name], outcomes[full][name] = got, watched.all
			watched.all = map[string]bool{}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, all := range runs[true] {
		few := runs[false][name]
		t.Logf("%s: %d schedules of %d, %d and %d outcomes, %s", name, few.Run, all.Run, len(outcomes[false][name]), len(outcomes[true][name]), few.Verdict)
		if few.Verdict != all.Verdict {
			t.Errorf("%s: %s (%s), and %s (%s) by all schedules", name, few.Verdict, few.Why, all.Verdict, all.Why)
		}
		for o := range outcomes[true][name] {
			if !outcomes[false][name][o] {
				t.Errorf("%s: no schedule that was run came to\n%s", name, o)
			}
		}
	}
}
