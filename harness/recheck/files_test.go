package recheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/internal/draw"
)

// many are files of histories of all stores, some of which are no histories or not there.
func many(t *testing.T) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for seed := range uint64(24) {
		store := draw.Stores()[seed%3]
		b := draw.Blind{Transactions: 40 + 20*int(seed%5), Sessions: 6, Steps: 4, Keys: 30, Zipfian: seed%2 == 0, Store: store}
		var text bytes.Buffer
		if err := history.WriteEDN(&text, b.Draw(seed)); err != nil {
			t.Fatal(err)
		}
		if seed == 7 {
			text.Reset()
			text.WriteString("no history\n")
		}
		path := filepath.Join(dir, fmt.Sprintf("%02d-%s.edn", seed, store))
		if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if paths = append(paths, path); seed == 11 {
			paths = append(paths, filepath.Join(dir, "missing.edn"))
		}
	}
	return paths
}

// TestFilesAtOnce: of many files that are judged at once comes what comes of each judged by itself, in their order, and one that cannot be
// read keeps no other from being judged.
func TestFilesAtOnce(t *testing.T) {
	paths, opt := many(t), &Options{Model: "serializable"}
	var told atomic.Int64
	i, verdicts := 0, map[harness.Verdict]int{}
	for got := range Files(t.Context(), paths, "register", opt, func(progress.Case) { told.Add(1) }) {
		path := paths[i]
		i++
		rec, err := history.Load(path, "register")
		if err != nil {
			if got.Err == nil || got.Err.Error() != err.Error() {
				t.Errorf("%s: %v, want %v", path, got.Err, err)
			}
			continue
		}
		want, err := Recording(t.Context(), path, rec, opt)
		if err != nil || got.Err != nil {
			t.Fatalf("%s: %v and %v", path, err, got.Err)
		}
		if verdicts[want.Verdict]++; !reflect.DeepEqual(got.Result, want) {
			t.Errorf("%s: got %+v, want %+v", path, got.Result, want)
		}
		if got.Recording != nil {
			t.Errorf("%s: its history was kept beside those of the other files", path)
		}
	}
	if i != len(paths) || verdicts[harness.Safe] < 5 || verdicts[harness.Unsafe] < 5 || told.Load() == 0 {
		t.Errorf("%d of %d files, %v, progress told %d times", i, len(paths), verdicts, told.Load())
	}
}

// TestOneFile: of one file the history comes with its result, for what else is asked of it.
func TestOneFile(t *testing.T) {
	paths := many(t)[:1]
	for got := range Files(t.Context(), paths, "", &Options{}, nil) {
		if got.Err != nil || got.Recording == nil || got.Recording.Operations != got.Result.Operations {
			t.Errorf("%+v", got)
		}
	}
}

// TestFilesInterrupted: once nobody waits for more, no further file is judged, and each says so; who looks at no more of them waits for none.
func TestFilesInterrupted(t *testing.T) {
	paths := many(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	i, canceled := 0, 0
	for got := range Files(ctx, paths, "register", &Options{}, nil) {
		switch i++; {
		case i == 1:
			cancel()
		case errors.Is(got.Err, context.Canceled):
			canceled++
			if !strings.HasPrefix(got.Err.Error(), paths[i-1]+": ") {
				t.Errorf("the error names no file: %v", got.Err)
			}
		}
	}
	if i != len(paths) || canceled == 0 {
		t.Errorf("%d of %d files, %d of them not judged", i, len(paths), canceled)
	}
	for got := range Files(t.Context(), append([]string{"missing.edn"}, paths...), "register", &Options{}, nil) {
		if !errors.Is(got.Err, fs.ErrNotExist) {
			t.Error(got.Err)
		}
		break
	}
}

// TestRoom: no more files are judged at once than there are processors, and a large one only by itself.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		sizes  []int64 // of files that are there
		next   int64
		fits   bool
		freed  int // after so many of them left, it does
		atOnce int
	}{
		{next: 100 * atOnce, fits: true, atOnce: 2},
		{sizes: []int64{1}, next: 2, fits: true, atOnce: 2},
		{sizes: []int64{1, 1}, next: 2, freed: 1, atOnce: 2},
		{sizes: []int64{1, 1}, next: atOnce, freed: 2, atOnce: 8},
		{sizes: []int64{100 * atOnce}, next: 1, freed: 1, atOnce: 8},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRoom(c.atOnce)
			for _, size := range c.sizes {
				r.take(size)
			}
			var in atomic.Bool
			go func() {
				r.take(c.next)
				in.Store(true)
			}()
			synctest.Wait()
			if in.Load() != c.fits {
				t.Fatalf("%+v: has room at once: %v", c, in.Load())
			}
			for i := range c.freed {
				if in.Load() {
					t.Errorf("%+v: has room after %d left", c, i)
				}
				r.leave(c.sizes[i])
				synctest.Wait()
			}
			if !in.Load() {
				t.Errorf("%+v: has no room in the end", c)
			}
		})
	}
}
