package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/threshold"
)

// missedThresholds are one that failed, one that passed, and one that was not judged.
func missedThresholds() []threshold.Outcome {
	row := func(failed bool, text string) []threshold.RowOutcome {
		return []threshold.RowOutcome{{Row: "buy × 8 at rc", Failed: failed, Text: text}}
	}
	return []threshold.Outcome{
		{Threshold: "buy: broken > 1%", Failed: true, Rows: row(true, "broken is 84 %, limit 1 %")},
		{Threshold: "violations > 99", Rows: row(false, "violations is 84, limit 99")},
		{Threshold: "new violation", Skipped: true, Note: "it needs --baseline FILE", Rows: []threshold.RowOutcome{}},
	}
}

// TestThresholdsOfPrograms: each form says what failed, and what was not judged.
func TestThresholdsOfPrograms(t *testing.T) {
	load := roundsReports()
	load[len(load)-1].Thresholds = missedThresholds()
	explored := []program.Report{programReport()}
	explored[0].Thresholds = missedThresholds()
	for _, c := range []struct {
		name  string
		write func(*bytes.Buffer) error
		says  []string
	}{
		{"text", func(b *bytes.Buffer) error { return RoundsText(b, load) }, []string{"✗ buy: broken > 1%: FAILED on 1 of 1 row", "broken is 84 %, limit 1 %", "– new violation: not judged: it needs"}},
		{"end of explore", func(b *bytes.Buffer) error { return ProgramEnd(b, 0, explored) }, []string{"✗ buy: broken > 1%", "✓ violations > 99: passed"}},
		{"Markdown", func(b *bytes.Buffer) error { return RoundsMarkdown(b, load) }, []string{"1 of 3 thresholds failed", "**broken is 84 %", "not judged"}},
		{"Markdown of explore", func(b *bytes.Buffer) error { return ProgramMarkdown(b, explored) }, []string{"1 of 3 thresholds failed", "### Thresholds"}},
		{"page", func(b *bytes.Buffer) error { return RoundsHTML(b, load) }, []string{"1 of 3 thresholds failed", "✗ FAILED", "– not judged"}},
		{"page of explore", func(b *bytes.Buffer) error { return ProgramHTML(b, explored) }, []string{"1 of 3 thresholds failed", "✗ FAILED"}},
		{"JUnit", func(b *bytes.Buffer) error { return RoundsJUnit(b, load) }, []string{`type="threshold"`, `<skipped message="new violation: not judged`}},
		{"JUnit of explore", func(b *bytes.Buffer) error { return ProgramJUnit(b, explored) }, []string{`type="threshold"`}},
	} {
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		for _, text := range c.says {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s lacks %q:\n%s", c.name, text, b.String())
			}
		}
	}
	var saved bytes.Buffer
	if err := RoundsJSON(&saved, load); err != nil {
		t.Fatal(err)
	}
	back, err := ReadRoundsJSON(saved.Bytes())
	if err != nil || len(rounds.Thresholds(back)) != 3 || !rounds.Thresholds(back)[2].Skipped {
		t.Errorf("read back %+v, %v", rounds.Thresholds(back), err)
	}
}
