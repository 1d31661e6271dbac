package schedule

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Write saves a schedule as a file that Parse reads, and fails where it could not: a session's name with a blank in it. Line ends in
// its name and its sentence become blanks.
func Write(w io.Writer, s *Schedule) error {
	text := s.text()
	again, err := Parse(s.File, []byte(text))
	if err == nil {
		err = s.sameShape(again)
	}
	if err != nil {
		return fmt.Errorf("save the schedule: %w", err)
	}
	_, err = io.WriteString(w, text)
	return err
}

// sameShape says where a schedule that was read again is another one.
func (s *Schedule) sameShape(again *Schedule) error {
	if len(s.Setup) != len(again.Setup) || len(s.Steps) != len(again.Steps) || len(s.Allowed) != len(again.Allowed) || len(s.Expect) != len(again.Expect) ||
		len(s.Invariants) != len(again.Invariants) {
		return errors.New("a statement or claim would read as a comment or as the end of another line")
	}
	for i := range s.Steps {
		a, b := &s.Steps[i], &again.Steps[i]
		if a.Session != b.Session || a.Label != b.Label || a.Only.String() != b.Only.String() {
			return fmt.Errorf("step %d of session %q would read as a step of session %q", i+1, a.Session, b.Session)
		}
	}
	return nil
}

// text is the schedule as a file has it.
func (s *Schedule) text() string {
	var b strings.Builder
	for _, field := range []struct{ key, value string }{
		{"name", s.Name}, {"about", s.About}, {"hazard", s.Hazard}, {"isolation", string(s.Level)},
	} {
		if value := strings.Join(strings.Fields(field.value), " "); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", field.key, value)
		}
	}
	if s.Operations != nil {
		return b.String() + s.Operations.text()
	}
	if sessions := s.appearance(); len(s.Sessions) > 0 && !slices.Equal(s.Sessions, sessions) {
		fmt.Fprintf(&b, "sessions: %s\n", strings.Join(s.Sessions, ", "))
	}
	if len(s.Ignore) > 0 {
		fmt.Fprintf(&b, "ignore: %s\n", strings.Join(s.Ignore, ", "))
	}
	if len(s.Setup) > 0 {
		fmt.Fprintf(&b, "%s:\n", setupSection)
	}
	for _, st := range s.Setup {
		writeLine(&b, "", st.Only.String(), lines(st.SQL, "  "))
	}
	fmt.Fprintf(&b, "%s:\n", stepsSection)
	width := 0
	for i := range s.Steps {
		width = max(width, len(s.Steps[i].Session))
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		session := st.Session + strings.Repeat(" ", width-len(st.Session)) + " "
		writeLine(&b, session, bracketed(st.Label), st.Only.String(), lines(st.SQL, strings.Repeat(" ", width+3)))
	}
	if len(s.Invariants) > 0 {
		fmt.Fprintf(&b, "%s:\n", invariantsSection)
	}
	for _, i := range s.Invariants {
		writeLine(&b, "", bracketed(i.Name), i.Only.String(), lines(i.SQL, "  "))
	}
	for _, section := range []struct {
		name   string
		claims []Claim
	}{{allowedSection, s.Allowed}, {expectSection, s.Expect}} {
		if len(section.claims) > 0 {
			fmt.Fprintf(&b, "%s:\n", section.name)
		}
		for _, c := range section.claims {
			writeLine(&b, "", c.Only.String(), c.String())
		}
	}
	return b.String()
}

// bracketed is a label as a file has it.
func bracketed(label string) string {
	if label == "" {
		return ""
	}
	return "[" + label + "]"
}

// writeLine writes the parts that there are.
func writeLine(b *strings.Builder, first string, parts ...string) {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	fmt.Fprintf(b, "  %s%s\n", addBlank(first), strings.Join(parts, " "))
}

func addBlank(s string) string {
	if s == "" {
		return ""
	}
	return s + " "
}

// lines is a statement of several lines as a file has it.
func lines(sql, indent string) string {
	var all []string
	for line := range strings.Lines(sql) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return strings.Join(all, "\n"+indent+"| ")
}

// appearance is the sessions in the order in which the steps name them.
func (s *Schedule) appearance() []string {
	var names []string
	for i := range s.Steps {
		if name := s.Steps[i].Session; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// WriteSQL saves a schedule as plain SQL for psql or mysql, with comments that say in which terminal a statement is to be typed.
// product is whose lines are taken, header what stands above them, line by line.
func WriteSQL(w io.Writer, s *Schedule, engine *store.Engine, header ...string) error {
	product := engine.Name

	var b strings.Builder
	comment := func(text string) {
		for line := range strings.Lines(text) {
			fmt.Fprintf(&b, "-- %s\n", strings.TrimSpace(line))
		}
	}
	for _, text := range append([]string{strings.TrimLeft(s.Name+": "+s.About, ": ")}, header...) {
		comment(text)
	}
	comment(fmt.Sprintf("%d sessions: open a terminal for each of %s, and type the statements in this order, each in its own.",
		len(s.appearance()), strings.Join(s.appearance(), ", ")))
	b.WriteString("\n-- set-up, in any of them\n")
	for _, st := range s.Setup {
		if st.Only.Has(product) {
			fmt.Fprintf(&b, "%s;\n", st.SQL)
		}
	}
	last := ""
	var set []string // sessions whose level is set
	for i := range s.Steps {
		st := &s.Steps[i]
		if !st.Only.Has(product) {
			continue
		}
		if st.Session != last {
			fmt.Fprintf(&b, "\n-- %s\n", st.Session)
			last = st.Session
		}
		if level := settingOf(s.Level, engine); level != "" && !slices.Contains(set, st.Session) {
			fmt.Fprintf(&b, "%s;\n", level)
			set = append(set, st.Session)
		}
		fmt.Fprintf(&b, "%s;\n", st.SQL)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// settingOf is the statement that sets an engine's session to a level; empty: the level need not be set, or cannot.
func settingOf(level harness.Level, engine *store.Engine) string {
	if level == "" || engine.SetLevel == nil {
		return ""
	}
	return engine.SetLevel(level)
}
