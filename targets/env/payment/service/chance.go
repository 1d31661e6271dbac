package service

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// fate is what happens to a request.
type fate uint8

const (
	fine   fate = iota
	refuse      // nothing is done
	hang        // it is done, and never answered
	slow        // it is done late, and answered then
	twice       // it arrives twice, as gateways deliver what they think was lost
)

type luck struct {
	fate  fate
	after time.Duration // of a slow one
}

// maxSlow is the longest that a slow answer takes: well below what clients wait.
const maxSlow = 30 * time.Millisecond

// chance draws fates, the same ones in the same order from the same seed.
type chance struct {
	mu      sync.Mutex
	trouble store.ServiceFault
	rand    *rand.Rand
}

func (c *chance) set(t store.ServiceFault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trouble, c.rand = t, rand.New(rand.NewPCG(t.Seed, 0))
}

func (c *chance) draw() luck {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.trouble
	if t.Refuse+t.Hang+t.Slow+t.Twice == 0 {
		return luck{}
	}
	at := c.rand.Float64()
	for _, share := range []struct {
		of   float64
		fate fate
	}{{t.Refuse, refuse}, {t.Hang, hang}, {t.Slow, slow}, {t.Twice, twice}} {
		if at -= share.of; at < 0 {
			l := luck{fate: share.fate}
			if l.fate == slow {
				l.after = time.Duration(c.rand.Int64N(int64(maxSlow)))
			}
			return l
		}
	}
	return luck{}
}
