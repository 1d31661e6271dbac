package history

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// endless is a beginning, and then the same line again and again.
type endless struct {
	head, line string
	left       int64
}

func (e *endless) pour(w io.Writer) error {
	if _, err := io.WriteString(w, e.head); err != nil {
		return err
	}
	many := []byte(strings.Repeat(e.line, max(1, 1<<16/len(e.line))))
	for n := e.left; n > 0; n -= int64(len(many)) {
		if _, err := w.Write(many); err != nil {
			return err
		}
	}
	return nil
}

// bombs are histories in each format, of half a gigabyte, that compress to next to nothing.
func bombs(t *testing.T) map[string]endless {
	h, hist := sample()
	own := string(written(t, "h", h, newHistory(&h)))
	header, _, _ := strings.Cut(own, "\n")
	_, row, _ := strings.Cut(string(written(t, "h", h, hist)), "\n")
	row, _, _ = strings.Cut(row, "\n")
	const size = 512 << 20
	return map[string]endless{
		"lastseat, one line":  {header + "\n{\"id\":", "1", size},
		"lastseat, header":    {header[:len(header)-1], " ", size},
		"lastseat, the same":  {header + "\n", row + "\n", size},
		"EDN, a line each":    {"", "{:type :ok :f :read :value 1}\n", size},
		"EDN, transactions":   {"", "{:type :ok :f :txn :value [[:append 1 1]]}\n", size},
		"EDN, one vector":     {"[", "{:type :info :process :nemesis} ", size},
		"EDN, one value":      {"{:type :ok :f :read :value [", "1 ", size},
		"EDN, one string":     {"{:type :ok :f :read :value \"", "x", size},
		"EDN, white space":    {"{:type :ok", " ", size},
		"EDN, comments":       {"", "#_1 ", size},
		"EDN, in comments":    {"", "#_", size},
		"EDN, tags":           {"{:type :ok :value ", "#a ", size},
		"JSON":                {"[", `{"type":"ok","f":"txn","value":[["r","x",1]]},` + "\n", size},
		"JSON, one value":     {`[{"type":"ok","f":"read","value":[`, "1,", size},
		"JSON, one in others": {`[{"type":"ok","f":"read","value":`, "[", size},
		"nothing":             {"", "\x00", size},
	}
}

// TestBombs: a few bytes that decompress to gigabytes are refused, whatever they pretend to be, and before much memory is taken.
func TestBombs(t *testing.T) {
	if testing.Short() { // as under the race detector
		t.Skip("compresses gigabytes; run without -short")
	}
	for name, bomb := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bomb.zst")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			enc, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(bomb.pour(enc), enc.Close(), f.Close()); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err = Load(path, "")
			runtime.ReadMemStats(&after)
			var at *Error
			if !errors.As(err, &at) {
				t.Errorf("error %v, want one with its line", err)
			}
			// All that was ever taken: a buffer that doubles, and the window of the decoder, come to a few times the limit.
			if took := after.TotalAlloc - before.TotalAlloc; took > 10*alwaysFits {
				t.Errorf("%d MiB were allocated (%v)", took>>20, err)
			}
		})
	}
}

// TestInflates: the error says how much there was, and what to do; what stays within the limits is read.
func TestInflates(t *testing.T) {
	for _, c := range []struct {
		program string
		pack    func(io.Writer) (io.WriteCloser, error)
	}{
		{"zstd", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }},
		{"gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) }},
	} {
		pack := func(e endless) []byte {
			var b bytes.Buffer
			enc, err := c.pack(&b)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(e.pour(enc), enc.Close()); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		line := "{:type :ok :f :read :value 1}\n"
		_, err := ReadAny(bytes.NewReader(pack(endless{"", line, 2 * alwaysFits})), "h.packed", "counter")
		want := "limit: 32 MiB, or 200 times as much); if it is right, decompress it (" + c.program + " -d)"
		if !errors.Is(err, ErrInflates) || !strings.Contains(err.Error(), "h.packed: line ") || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		good := pack(endless{"", line, 1 << 20})
		rec, err := ReadAny(bytes.NewReader(good), "h.packed", "counter")
		if err != nil || rec.Operations < 1<<20/len(line) {
			t.Errorf("%s: %+v, %v", c.program, rec, err)
		}
		if _, err := ReadAny(bytes.NewReader(good[:len(good)-6]), "h.packed", "counter"); err == nil {
			t.Errorf("%s: a file that was cut off is read", c.program)
		}
	}
}

// TestCommentsAlone: a file that ends inside a comment, or has nothing but such, is refused like any other.
func TestCommentsAlone(t *testing.T) {
	for _, text := range []string{"#_", "#_ #_", "[#_ )", "#_}", "{#_", strings.Repeat("#_", 1000), "{:type :ok :value " + strings.Repeat("#a ", 1000)} {
		path := filepath.Join(t.TempDir(), "h.edn")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, workload := range []string{"", "append", "bank"} {
			_, err := Load(path, workload)
			var at *Error
			if !errors.As(err, &at) {
				t.Errorf("%.20q as %q: %v", text, workload, err)
			}
		}
	}
}
