package proxy

import (
	"time"

	"github.com/lastseat/lastseat/targets/wire"
)

// Batch is a request that a server answers, or several that it answers together.
type Batch struct {
	Conn     *Conn
	Requests []*wire.Request // all of them
	Answers  []*wire.Answer
	Inside   bool // the connection was in a transaction when it came
	Lost     bool // the connection ended before the answer
	Sent     time.Time
	Fate     Fate // for the Watcher to say before it lets the batch go
	// Until is for the Watcher to say when it is told of the answer, which the program gets once it is closed; nil: at once.
	Until   <-chan struct{}
	watcher Watcher // that was told of it
	last    int64   // the ID of the last request that has an answer
}

// Fate is what becomes of a batch's answer.
type Fate uint8

// The fates.
const (
	Delivered Fate = iota
	Withheld       // the program does not get it, nor anything else on the connection
	Final          // the connection ends once the program has it
)

// sending notes a batch that is about to be sent on; false: the connection has ended meanwhile.
func (c *Conn) sending(b *Batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.Sent = time.Now()
	goes := !c.ended && !c.final
	if goes {
		c.out = append(c.out, b)
	}
	return goes
}

// await waits until what was sent before is answered: a batch that follows is not held while the server works on another. Data for
// COPY is part of the batch before.
func (c *Conn) await(b *Batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.eager.Store(true)
	defer c.eager.Store(false)
	for !c.ended && !c.ready(b) {
		c.moved.Wait()
	}
	_, state := c.wire.Standing()
	b.Inside = state != wire.Idle
	return !c.ended && !c.final
}

// ready reports whether all before a batch is answered, or it belongs to what is not.
func (c *Conn) ready(b *Batch) bool {
	first := b.Requests[0]
	if first.Kind == wire.CopyIn || first.Kind == wire.LocalFile {
		return true
	}
	unanswered, _ := c.wire.Standing()
	return len(c.out) == 0 && (unanswered == 0 || unanswered >= first.ID)
}

// hasAnswer reports whether requests of a kind have an answer of their own.
func hasAnswer(k wire.Kind) bool {
	switch k {
	case wire.Flush, wire.Quit, wire.CopyIn, wire.LocalFile, wire.LongData, wire.Encryption:
		return false
	}
	return true
}

// isMute reports whether the program gets no more answers: from that of a batch on whose fate is to be withheld.
func (c *Conn) isMute() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = c.mute || len(c.out) > 0 && c.out[0].Fate == Withheld
	return c.mute
}

// answer takes in an answer, and says so when that of a batch is whole; final: it is the connection's last. The program gets it once until is
// closed, if there is that.
func (c *Conn) answer(a *wire.Answer) (final bool, until <-chan struct{}) {
	c.mu.Lock()
	var whole *Batch
	if len(c.out) > 0 {
		b := c.out[0]
		b.Answers = append(b.Answers, a)
		if a.Last && a.To >= b.last {
			whole = b
			c.out = c.out[1:]
			c.final = c.final || b.Fate == Final
			final = c.final
			c.busy += time.Since(b.Sent)
			c.moved.Broadcast()
		}
	}
	c.mu.Unlock()
	if whole != nil {
		whole.answered()
		until = whole.Until
	}
	return final, until
}

// answered tells the end of a batch to whom it was told.
func (b *Batch) answered() {
	if b.watcher != nil {
		b.watcher.Answered(b)
	}
}

// lost ends what is not answered.
func (c *Conn) lost() {
	c.mu.Lock()
	out := c.out
	c.out = nil
	c.mu.Unlock()
	for _, b := range out {
		b.Lost = true
		b.answered()
	}
}
