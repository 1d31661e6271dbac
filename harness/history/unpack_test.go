package history

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// TestTextSize: a compressed file counts as what it holds, about, and what does not say its size as a large one.
func TestTextSize(t *testing.T) {
	dir := t.TempDir()
	text := bytes.Repeat([]byte("{:type :ok}\n"), 100)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"text.edn": text, "packed.edn": packed.Bytes(), "empty.edn": nil} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		want := int64(len(content))
		if name == "packed.edn" {
			want *= usualRatio
		}
		if got := TextSize(path); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
	if got := TextSize(filepath.Join(dir, "missing.edn")); got != 0 {
		t.Errorf("a missing file has %d bytes", got)
	}
	if got := TextSize(os.DevNull); got < 1<<30 {
		t.Errorf("a device has %d bytes, want as many as there can be", got)
	}
}
