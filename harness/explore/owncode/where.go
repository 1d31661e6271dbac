package owncode

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// place is where a goroutine is: the runtime's word for what it waits for, and its stack.
type place struct{ state, stack string }

// where finds a goroutine by the name that goroutine gave it.
func where(goroutine string) place {
	b := make([]byte, 1<<20)
	all := "\n\n" + string(b[:runtime.Stack(b, true)])
	_, own, found := strings.Cut(all, "\n\n"+goroutine+" [")
	if !found {
		return place{state: "it has ended"}
	}
	own, _, _ = strings.Cut(own, "\n\n")
	state, stack, _ := strings.Cut(own, "]:\n")
	state, _, _ = strings.Cut(state, ",") // how long it has waited
	return place{state, stack}
}

// locks: it waits for a mutex.
func (p place) locks() bool {
	return slices.Contains([]string{"sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock"}, p.state)
}

// pools: it waits for a connection of a pool.
func (p place) pools() bool {
	return strings.Contains(p.stack, "database/sql.(*DB).conn(") || strings.Contains(p.stack, "puddle/v2.(*Pool[")
}

// String is the place in words, with the line of code that led there.
func (p place) String() string {
	if line := p.line(); line != "" {
		return p.state + " at " + line
	}
	return p.state
}

// libraries are packages whose functions only wait for others.
var libraries = []string{"sync.", "internal/", "runtime.", "time.", "context.", "database/sql.", "io.", "net", "os.", "github.com/jackc/"}

// line is the innermost line that is in no library: "shop.go:31".
func (p place) line() string {
	lines := strings.Split(p.stack, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		inLibrary := slices.ContainsFunc(libraries, func(l string) bool { return strings.HasPrefix(lines[i], l) })
		if !inLibrary {
			file, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
			return filepath.Base(file)
		}
	}
	return ""
}
