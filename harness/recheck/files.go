package recheck

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/progress"
)

// Judged is what came of one of several files.
type Judged struct {
	Result    Result
	Recording *history.Recording // that was judged, where there is one file only: many would not fit into memory
	Err       error              // why there is no result; it names the file
}

// Files judges histories in files, several at once as far as there are processors and room, and gives what came of each in the order of the
// paths. A file that cannot be read does not keep the others from being judged. workload says what all of them hold; empty: each says it itself.
// told is told of the file that was begun last. Once nobody waits for more, no file is begun, and what is under way ends early.
func Files(ctx context.Context, paths []string, workload string, opt *Options, told progress.Func) iter.Seq[*Judged] {
	return func(yield func(*Judged) bool) {
		ctx, cancel := context.WithCancel(ctx)
		f := &files{paths: paths, workload: workload, opt: opt, told: told, judged: make([]chan *Judged, len(paths))}
		for i := range paths {
			f.judged[i] = make(chan *Judged, 1)
		}
		var begun sync.WaitGroup
		begun.Go(func() { f.begin(ctx, &begun) })
		defer begun.Wait()
		defer cancel()
		for _, judged := range f.judged {
			if !yield(<-judged) {
				return
			}
		}
	}
}

// files are under way.
type files struct {
	paths    []string
	workload string
	opt      *Options
	told     progress.Func
	judged   []chan *Judged // by path
	last     atomic.Int64   // the number of the file that was begun last, from 1
}

// begin begins one file after the other, as soon as there is room for it.
func (f *files) begin(ctx context.Context, begun *sync.WaitGroup) {
	r := newRoom(runtime.GOMAXPROCS(0))
	for i, path := range f.paths {
		size := history.TextSize(path)
		r.take(size)
		f.last.Store(int64(i) + 1)
		begun.Go(func() {
			defer r.leave(size)
			f.judged[i] <- f.judge(ctx, i)
		})
	}
}

// judge reads and judges one file.
func (f *files) judge(ctx context.Context, i int) *Judged {
	path := f.paths[i]
	j := &Judged{}
	if err := ctx.Err(); err != nil {
		j.Err = fmt.Errorf("%s: not judged: %w", path, err)
		return j
	}
	say := f.say(i)
	rec, err := history.LoadTold(ctx, path, f.workload, func(read, size int64) {
		say(progress.Case{
			Name: "reading " + path, Number: i + 1, Cases: len(f.paths), Steps: "bytes", Done: read, Most: size, Share: progress.Of(read, size),
		})
	})
	if ended := ctx.Err(); ended != nil {
		err = fmt.Errorf("%s: not judged: %w", path, ended)
	}
	if err != nil {
		j.Err = err
		return j
	}
	say(progress.Case{Name: fmt.Sprintf("judging %d operations of %s", rec.Operations, path)}) // how long that takes, nobody knows
	if j.Result, err = Recording(ctx, path, rec, f.opt); err != nil {
		j.Err = fmt.Errorf("%s: %w", path, err)
		return j
	}
	if len(f.paths) == 1 {
		j.Recording = rec
	}
	return j
}

// say tells of a file while it is the one that was begun last: lines of several at once would take turns.
func (f *files) say(i int) progress.Func {
	return func(c progress.Case) {
		if f.last.Load() == int64(i)+1 {
			f.told.Say(c)
		}
	}
}
