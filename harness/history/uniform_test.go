package history

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOtherForms: a byte order mark, Jepsen's history.txt, and line ends of Windows change nothing of what a history holds.
func TestOtherForms(t *testing.T) {
	const edn = `{:process 3, :type :invoke, :f :txn, :value [[:append "a key" 1] [:r :y nil]]}
{:process :nemesis, :type :info, :f :start-partition, :value {:a "b"}}
{:process 4, :type :invoke, :f :txn, :value [[:append :y 2]]}
{:process 3, :type :ok, :f :txn, :value [[:append "a key" 1] [:r :y [2]]]}
{:process 4, :type :info, :f :txn, :value [[:append :y 2]]}
`
	const text = "3\t:invoke\t:txn\t[[:append \"a key\" 1] [:r :y nil]]\n:nemesis\t:info\t:start-partition\t{:a \"b\"}\n4\t:invoke\t:txn\t[[:append :y 2]]\n" +
		"3\t:ok\t:txn\t[[:append \"a key\" 1] [:r :y [2]]]\n4\t:info\t:txn\t[[:append :y 2]]\t[:timeout, \"no answer\"]\n"
	want := strings.Join(transcribed(t, edn), "\n")
	for name, data := range map[string]string{
		"a byte order mark": byteOrderMark + edn, "history.txt": text, "both": byteOrderMark + text,
		"line ends of Windows": strings.ReplaceAll(text, "\n", "\r\n"), "no last line end": strings.TrimRight(text, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, strings.Join(transcribed(t, data), "\n")); diff != "" {
				t.Errorf("-EDN +this:\n%s", diff)
			}
		})
	}
	_, err := ReadAny(strings.NewReader(text+"5\t:ok\t:txn\t[[:append\n"), "history.txt", "")
	if err == nil || !strings.Contains(err.Error(), "line 6") {
		t.Errorf("%v, want the line that is wrong", err)
	}
}

// transcribed is a history as EDN, by stream from a file and at once from memory.
func transcribed(t *testing.T, data string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	streamed, err := Load(file, "")
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadAny(strings.NewReader(data), "history", "")
	if err != nil {
		t.Fatal(err)
	}
	var both []string
	for _, rec := range []*Recording{streamed, read} {
		var b bytes.Buffer
		if err := WriteEDN(&b, rec.Transactions); err != nil {
			t.Fatal(err)
		}
		both = append(both, b.String())
	}
	if both[0] != both[1] {
		t.Errorf("by stream and at once it is not the same:\n%s\n%s", both[0], both[1])
	}
	return both
}
