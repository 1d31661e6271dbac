package payment

import (
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// fence knows the highest token that a session of the row held: who finishes what they left comes as the last of them.
type fence struct{ token atomic.Int64 }

func (f *fence) highest() int64 { return f.token.Load() }

// watch makes the session's tokens known.
func (f *fence) watch(opt *harness.SessionOptions) {
	ask := opt.Fence
	if ask == nil {
		return
	}
	opt.Fence = func() int64 {
		token := ask()
		for {
			seen := f.token.Load()
			if seen >= token || f.token.CompareAndSwap(seen, token) {
				return token
			}
		}
	}
}
