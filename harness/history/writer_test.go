package history

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
)

// TestCheckpointsAreReadable: what was appended can be read although nothing was closed, and by any zstd.
func TestCheckpointsAreReadable(t *testing.T) {
	defer goleak.VerifyNone(t)
	h, hist := sample()
	for _, name := range suffixes {
		path := filepath.Join(t.TempDir(), name)
		w, err := Create(path, h)
		if err != nil {
			t.Fatal(err)
		}
		log := &harness.Log{Process: 9}
		hist.Logs = append(hist.Logs[:2:2], log)
		for n := range 3 {
			f, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			want := 0
			if n > 0 {
				want = hist.Len()
			}
			if got := f.History.Len(); got != want || !strings.HasPrefix(f.Incomplete, "the final state is missing") {
				t.Errorf("%s: %d operations of %d, incomplete %q", name, got, want, f.Incomplete)
			}
			plain(t, path)
			log.Append(harness.Record{Tries: 1})
			if err := w.Append(hist); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.Stat(path)
		if err := w.Append(hist); err != nil {
			t.Error(err)
		}
		if after, _ := os.Stat(path); after.Size() != before.Size() {
			t.Errorf("%s grew without operations", name)
		}
		if err := errors.Join(w.Finish(hist.Final), w.Close()); err != nil {
			t.Fatal(err)
		}
		if f, err := Open(path); err != nil || f.Incomplete != "" || f.History.Len() != hist.Len() {
			t.Errorf("%s: %v, %+v", name, err, f)
		}
		if err := w.Append(hist); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("append after the end: %v", err)
		}
		if _, err := Create(path, h); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("created over a file that exists: %v", err)
		}
	}
}

// plain decompresses a file, if it is compressed, without forgiving anything.
func plain(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(data, zstdMagic) != strings.HasSuffix(path, ".zst") {
		t.Errorf("%s is compressed, or is not", path)
	}
	if strings.HasSuffix(path, ".zst") {
		dec, err := zstd.NewReader(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		if data, err = dec.DecodeAll(data, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !bytes.HasSuffix(data, []byte("}\n")) {
		t.Errorf("%s does not end with a line", path)
	}
}

// TestFullDisk: a full disk is an error that names the file, once and for all.
func TestFullDisk(t *testing.T) {
	const full = "/dev/full"
	h, hist := sample()
	for _, name := range suffixes {
		f, err := os.OpenFile(full, os.O_WRONLY, 0)
		if err != nil {
			t.Skip("needs " + full)
		}
		if _, err := newWriter(f, name, h); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), full) {
			t.Errorf("%s: header: %v", name, err)
		}
		var out buffer
		w, err := newWriter(&out, name, h)
		if err != nil {
			t.Fatal(err)
		}
		w.out = f
		if w.zstd != nil {
			w.zstd.Reset(f)
		}
		for _, err := range []error{w.Append(hist), w.Append(hist), w.Finish(hist.Final)} {
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), full) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

// TestUnreadableIsNotWritten: the writer refuses what the reader would.
func TestUnreadableIsNotWritten(t *testing.T) {
	ok := harness.Record{Tries: 1}
	for _, c := range []struct {
		want  string
		spoil func(h *harness.History, l *harness.Log)
	}{
		{"process is -1", func(_ *harness.History, l *harness.Log) { l.Process = -1; l.Append(ok) }},
		{"outcome 9", func(_ *harness.History, l *harness.Log) { l.Append(harness.Record{Tries: 1, Outcome: 9}) }},
		{"kind 9", func(_ *harness.History, l *harness.Log) { l.Append(ok, harness.Access{Kind: 9}) }},
		{"cell 2", func(_ *harness.History, l *harness.Log) { l.Append(ok, harness.Access{Cell: 2}) }},
		{"access 1 holds a value", func(_ *harness.History, l *harness.Log) {
			l.Append(ok, harness.Access{}, harness.Access{Kind: harness.Holds})
		}},
		{"finds 1 values", func(_ *harness.History, l *harness.Log) {
			l.Append(ok, harness.Access{Kind: harness.Finds, Value: 1})
		}},
		{"access 1 is not a value of cell 0", func(_ *harness.History, l *harness.Log) {
			l.Append(ok, harness.Access{Kind: harness.Finds, Value: 1}, harness.Access{Kind: harness.Holds, Cell: 1})
		}},
		{"tries is 0", func(_ *harness.History, l *harness.Log) { l.Append(harness.Record{}) }},
		{"end is 1", func(_ *harness.History, l *harness.Log) { l.Append(harness.Record{Tries: 1, Begin: 2, End: 1}) }},
		{"name 5 of 2", func(_ *harness.History, l *harness.Log) { l.Append(harness.Record{Tries: 1, Name: 5}) }},
		{"two logs", func(h *harness.History, l *harness.Log) { l.Append(ok); h.Logs = append(h.Logs, l) }},
		{"a line of", func(_ *harness.History, l *harness.Log) {
			l.Append(ok)
			l.Errors = map[int64]string{harness.OpID(5, 1): strings.Repeat("x", maxLine)}
		}},
		{"2 values and 1 versions", func(h *harness.History, _ *harness.Log) { h.Final.Versions = []int64{1} }},
		{"cell 3", func(h *harness.History, _ *harness.Log) { h.Final.Entries[0].Cell = 3 }},
	} {
		h, hist := sample()
		log := &harness.Log{Process: 5}
		hist.Logs = append(hist.Logs, log)
		c.spoil(hist, log)
		var out buffer
		w, err := newWriter(&out, "h.jsonl", h)
		if err != nil {
			t.Fatal(err)
		}
		if err = w.Append(hist); err == nil {
			err = w.Finish(hist.Final)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "h.jsonl: ") {
			t.Errorf("%s: %v", c.want, err)
		}
		if _, err := Read(&out, "h"); err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}

// TestRefusedHeaderLeavesNoFile: the next try can use the name.
func TestRefusedHeaderLeavesNoFile(t *testing.T) {
	h, hist := sample()
	h.Start.Entries = hist.Final.Entries
	path := filepath.Join(t.TempDir(), "h.jsonl")
	if _, err := Create(path, h); err == nil {
		t.Error("a journal that does not start empty was accepted")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestEndNobodyKnows: where a lost worker's sessions may be at work still, the file lacks its end, and says what else it lacks.
func TestEndNobodyKnows(t *testing.T) {
	h, hist := sample()
	hist.Clocks = []harness.Clock{{Name: "w1", Missing: "fell silent"}}
	path := filepath.Join(t.TempDir(), "history.jsonl")
	w, err := Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(hist), w.Finish(harness.State{}), w.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil || f.History.Len() != hist.Len() || !strings.HasPrefix(f.Incomplete, "the final state is missing") || f.History.Cut() != "worker w1 fell silent" {
		t.Errorf("%v, %d operations, incomplete %q, cut %q", err, f.History.Len(), f.Incomplete, f.History.Cut())
	}
}
