package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// sideBySide calls f with each number below n, as many at once as there are processors. It panics with the first *PanicError of what panicked.
func sideBySide(n int, f func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	var once sync.Once
	var first error
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				guard("a check", func() { f(i) }, func(panicked error) { once.Do(func() { first = panicked }) })
			}
		})
	}
	workers.Wait()
	if first != nil {
		panic(first)
	}
}
