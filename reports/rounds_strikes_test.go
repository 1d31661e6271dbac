package reports

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
)

// TestStrikesText: of faults that strike everything it is not said that they strike once.
func TestStrikesText(t *testing.T) {
	for _, sustained := range []bool{false, true} {
		if text := strikesText([]program.FaultKind{"", rounds.Pause}, sustained); strings.Contains(text, "late") || !strings.HasPrefix(text, "none, pause; each strikes ") {
			t.Error(text)
		}
		if text := strikesText([]program.FaultKind{rounds.Delay}, sustained); !strings.HasSuffix(text, "; under delay each message is late") {
			t.Error(text)
		}
	}
}
