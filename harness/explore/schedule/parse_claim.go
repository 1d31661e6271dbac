package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// claim reads a line of `allowed when:` or `expect:`: @mysql T1.label returns 11, 20.
func (p *parser) claim(line string) error {
	only, rest, err := p.products(line)
	if err != nil {
		return err
	}
	c := Claim{Only: only, Line: p.line}
	who, rest := word(rest)
	c.Session, c.Label, _ = strings.Cut(who, ".")
	if !isWord(c.Session) || strings.Contains(who, ".") && !isWord(c.Label) {
		return p.errorf("%s is neither a session (T1) nor a statement of one (T1.label)", quote(who))
	}
	for _, v := range verbs() {
		after, ok := strings.CutPrefix(rest, string(v.verb))
		if !ok || after != "" && !strings.HasPrefix(after, " ") {
			continue
		}
		c.Verb, rest = v.verb, strings.TrimSpace(after)
		switch {
		case v.statement && c.Label == "":
			return p.errorf("%s of which statement? Give it a label, %s [name] SELECT …, and write %s.name %s", v.verb, c.Session, c.Session, v.verb)
		case rest != "" && !v.values:
			return p.errorf("%s ends the line, and %s follows", v.verb, quote(rest))
		}
		return p.claimed(c, rest)
	}
	return p.errorf("what about %s? Write: commits, fails, fails with CODE, waits, times out, does not wait, returns ROWS or writes N", who)
}

// claimed adds a claim once the values behind its verb are read.
func (p *parser) claimed(c Claim, values string) error {
	switch c.Verb {
	case Fails:
		if values == "" {
			break
		}
		codes, ok := strings.CutPrefix(values, "with ")
		if !ok {
			return p.errorf("fails is followed by nothing, or by: with CODE or CODE")
		}
		for code := range strings.SplitSeq(codes, " or ") {
			if code = strings.TrimSpace(code); !isWord(code) {
				return p.errorf("%s is not an error code", quote(code))
			}
			c.Codes = append(c.Codes, code)
		}
	case Returns:
		var wrong string
		if c.Rows, wrong = parseRows(values); wrong != "" {
			return p.errorf("%s", wrong)
		}
	case Writes:
		for count := range strings.SplitSeq(values, " or ") {
			n, err := strconv.ParseInt(strings.TrimSpace(count), 10, 64)
			if err != nil || n < 0 {
				return p.errorf("%s is not a number of rows", quote(count))
			}
			c.Counts = append(c.Counts, n)
		}
	}
	if p.section == allowedSection {
		p.s.Allowed = append(p.s.Allowed, c)
	} else {
		p.s.Expect = append(p.s.Expect, c)
	}
	return nil
}

// find is a statement that the claim may be about.
func (s *Schedule) find(c Claim) *Step {
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Session == c.Session && st.Label == c.Label && st.Only.overlap(c.Only) {
			return st
		}
	}
	return nil
}

func (s *Schedule) labelsOf(session string) string {
	var labels []string
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Session == session && st.Label != "" && !slices.Contains(labels, st.Label) {
			labels = append(labels, st.Label)
		}
	}
	if labels == nil {
		return "; none of its has one"
	}
	return fmt.Sprintf("; there are: %s", strings.Join(labels, ", "))
}
