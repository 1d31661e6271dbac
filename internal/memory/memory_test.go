package memory

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestHugePages writes to as much memory as a large history takes, and asks the system how much of it is in huge pages.
func TestHugePages(t *testing.T) {
	if !onRequest() {
		t.Skip("the system does not give huge pages on request: it gives them unasked, or not at all")
	}
	defer For(200 << 20)()
	history := make([]byte, 200<<20)
	for i := 0; i < len(history); i += 4096 {
		history[i] = 1
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	if !regexp.MustCompile(`(?m)^VmFlags:.* hg\b`).Match(smaps) {
		t.Error("no memory of the process asks for huge pages")
	}
	huge := 0
	for _, m := range regexp.MustCompile(`(?m)^AnonHugePages: +(\d+) kB`).FindAllSubmatch(smaps, -1) {
		kb, _ := strconv.Atoi(string(m[1]))
		huge += kb
	}
	t.Logf("%d MB in huge pages", huge>>10) // how many there are free is the system's affair
	if !bytes.Contains(smaps, []byte("AnonHugePages")) || history[0] != 1 {
		t.Error("the system does not say")
	}
}
