package spool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// onDisk is a spool that keeps nothing in memory.
func onDisk(t *testing.T) *Spool {
	t.Helper()
	s := New(t.TempDir(), 0)
	if s == nil {
		t.Skip("this system maps no files")
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestKeepAndMake(t *testing.T) {
	for name, s := range map[string]*Spool{"nil": nil, "memory": New(t.TempDir(), 1<<40), "disk": onDisk(t)} {
		t.Run(name, func(t *testing.T) {
			var all []int64
			var pages [][]int64
			page := make([]int64, 0, 1000)
			for i := range int64(100_000) {
				if len(page) == cap(page) {
					full, spare := Keep(s, page)
					if pages = append(pages, full); (spare != nil) != (name == "disk") {
						t.Fatalf("a spare: %v", spare != nil)
					}
					if page = spare; spare == nil {
						page = make([]int64, 0, 1000)
					}
				}
				page = append(page, i)
				all = Append(s, all, i)
			}
			made := Make[int64](s, 3, 100_000)
			if !slices.Equal(made, []int64{0, 0, 0}) {
				t.Errorf("made %v", made)
			}
			for _, p := range append(pages, page) {
				made = append(made, p...)
			}
			if !slices.Equal(made[3:], all) || len(all) != 100_000 || all[99_999] != 99_999 {
				t.Errorf("%d and %d values", len(made), len(all))
			}
			if s.Spills() != (name == "disk") || s.Err() != nil || (s.Scratch() != nil) != (name == "disk") {
				t.Error(s.Spills(), s.Err())
			}
		})
	}
}

// TestManyGoroutines: each has what it kept.
func TestManyGoroutines(t *testing.T) {
	s := onDisk(t)
	var group sync.WaitGroup
	for g := range int32(8) {
		group.Go(func() {
			for i := range 200 {
				full, _ := Keep(s, slices.Repeat([]int32{g}, 1+i))
				if slices.ContainsFunc(full, func(v int32) bool { return v != g }) || len(full) != 1+i {
					t.Errorf("goroutine %d has %v", g, full)
				}
			}
		})
	}
	group.Wait()
}

// TestFileIsPrivate: nobody else may read the file, and none is left behind, not even by a process that is killed.
func TestFileIsPrivate(t *testing.T) {
	s := onDisk(t)
	Make[int64](s, 1, 1)
	left, err := os.ReadDir(s.folder)
	if err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	if info, err := s.file.f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestFullDisk: what was kept stays readable, and the error says what failed and where.
func TestFullDisk(t *testing.T) {
	s := onDisk(t)
	before, _ := Keep(s, []int64{1, 2, 3})
	s.file.reserve = func(*os.File, int64, int64) error { return syscall.ENOSPC }
	s.room = nil
	after, spare := Keep(s, []int64{4, 5, 6})
	if !slices.Equal(before, []int64{1, 2, 3}) || !slices.Equal(after, []int64{4, 5, 6}) || spare != nil {
		t.Error(before, after, spare)
	}
	err := s.Err()
	if !errors.Is(err, ErrSpool) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), filepath.Join(s.folder, "lastseat-history-")) {
		t.Errorf("%v", err)
	}
	if met := Catch(func() { Make[int64](s, 1, 1) }); !errors.Is(met, syscall.ENOSPC) {
		t.Errorf("Make: %v", met)
	}
	if met := Catch(func() { Append(s, []int64(nil), 1) }); !errors.Is(met, syscall.ENOSPC) {
		t.Errorf("Append: %v", met)
	}
}

// TestNoFolder: a folder that is not there is an error like a full disk.
func TestNoFolder(t *testing.T) {
	s := onDisk(t)
	s.folder = filepath.Join(s.folder, "none")
	if full, spare := Keep(s, []int64{1}); full[0] != 1 || spare != nil || !errors.Is(s.Err(), os.ErrNotExist) {
		t.Error(full, spare, s.Err())
	}
}

// TestCatchPassesPanics: what is no file's error goes on.
func TestCatchPassesPanics(t *testing.T) {
	defer func() {
		if recover() != "other" {
			t.Error("the panic is lost")
		}
	}()
	Catch(func() { panic("other") }) //nolint:errcheck // it does not come back
}

// TestList: pages of many goroutines are one slice, each page whole, with the rest behind them; more may come after that, and the list is then what it
// would have been.
func TestList(t *testing.T) {
	for name, s := range map[string]*Spool{"nil": nil, "memory": New(t.TempDir(), 1<<40), "both": New(t.TempDir(), 100_000), "disk": onDisk(t)} {
		t.Run(name, func(t *testing.T) {
			t.Cleanup(func() { _ = s.Close() })
			l := NewList[int64](s)
			if got := l.All(); len(got) != 0 {
				t.Fatalf("an empty list has %v", got)
			}
			want := 0
			for round := range int64(2) {
				var group sync.WaitGroup
				for g := range int64(4) {
					group.Go(func() {
						var page []int64
						for i := range int64(50) {
							for range 100 + g {
								page = append(page, round*1000+g*100+i)
							}
							page = l.Add(page)
						}
					})
				}
				group.Wait()
				want += 50 * (100 + 101 + 102 + 103)
				got := l.All([]int64{-1, -2}, []int64{-3})
				if len(got) != want+3 || !slices.Equal(got[want:], []int64{-1, -2, -3}) {
					t.Fatalf("%d values, want %d and the rest", len(got), want)
				}
				pages := map[int64]int{}
				for i := 0; i < want; {
					n := int(100 + got[i]%1000/100)
					if slices.ContainsFunc(got[i:i+n], func(v int64) bool { return v != got[i] }) {
						t.Fatalf("a page is torn at %d: %v", i, got[i:i+n])
					}
					pages[got[i]]++
					i += n
				}
				if len(pages) != int(round+1)*200 {
					t.Errorf("%d pages", len(pages))
				}
			}
			if s.Err() != nil || (l.file != nil) != (name == "both" || name == "disk") {
				t.Error(s.Err(), l.file)
			}
		})
	}
}

// TestListOnFullDisk: what does not go to the file stays in memory, the spool says why, and the list is not made of what is missing.
func TestListOnFullDisk(t *testing.T) {
	s := onDisk(t)
	l := NewList[int64](s)
	if l.Add([]int64{1, 2}) == nil {
		t.Fatal("it is not in the file")
	}
	l.file.reserve = func(*os.File, int64, int64) error { return syscall.ENOSPC }
	if l.Add(make([]int64, segment)) != nil || !errors.Is(s.Err(), syscall.ENOSPC) {
		t.Errorf("%v", s.Err())
	}
	if met := Catch(func() { l.All() }); !errors.Is(met, syscall.ENOSPC) {
		t.Errorf("%v", met)
	}
}
