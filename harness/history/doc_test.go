package history

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestDocsShowWhatIsWritten: the examples of docs/history.md are what the writer writes, and no key is missing there.
func TestDocsShowWhatIsWritten(t *testing.T) {
	data, err := os.ReadFile("../../docs/history.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for _, sample := range []func() (Header, *harness.History){sample, lists, paid, timed} {
		h, hist := sample()
		if example := string(written(t, "h", h, hist)); !strings.Contains(doc, "\n```json\n"+example+"```\n") {
			t.Errorf("an example is not what is written:\n%s", example)
		}
	}
	for _, sh := range []shape{lineShape, accessShape, faultShape, entryShape, chargeShape, workerShape, finalShape} {
		for _, key := range sh.keys {
			full := key
			if sh.what != lineShape.what {
				full = sh.what + "." + key
			}
			if sh.what == accessShape.what {
				full = "do[]." + key
			}
			if !strings.Contains(doc, "\n| `"+full+"` |") && !slices.Contains([]string{"fault", "journal", "charge", "worker", "final"}, full) {
				t.Errorf("%s is not explained", full)
			}
		}
	}
}
