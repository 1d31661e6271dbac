package conformance

import (
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/defects"
)

// defectAttempts is how often a row runs while only a known defect breaks it.
const defectAttempts = 5

// brokenByServer reports, loudly, whether the row deserves another attempt: a known defect explains all that broke in it.
func brokenByServer(t *testing.T, row *suite.Row) bool {
	t.Helper()
	if row.Err != nil {
		return false
	}
	info := row.Opened().Info
	d := defects.Of(info.Product, row.Report, *row.Expected)
	if d == nil {
		return false
	}
	for i := range row.Report.Results {
		if res := &row.Report.Results[i]; res.Violations > 0 && !res.Checker.Figure {
			t.Logf("KNOWN DEFECT of %s, %s (%s): %s", info, d.Name, d.Source, res.Texts)
		}
	}
	return true
}
