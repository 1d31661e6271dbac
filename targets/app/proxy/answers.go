package proxy

import (
	"net"

	"github.com/lastseat/lastseat/targets/wire"
)

// answers passes on what the server says.
func (c *Conn) answers(server net.Conn) {
	defer c.lost()
	defer c.Cut()
	buf := make([]byte, 16<<10)
	for {
		n, err := server.Read(buf)
		said := buf[:n]
		if to := c.diverted(); to != nil && n > 0 {
			taken, _ := to.Write(said) // who reads it may have all that it wants
			said = said[taken:]
		}
		if len(said) > 0 && !c.answered(said) {
			return
		}
		if err != nil {
			if to := c.diverted(); to != nil {
				_ = to.CloseWithError(err)
			}
			return
		}
	}
}

// answered passes on what the server has said; false: the program is gone, or has had its last answer.
func (c *Conn) answered(b []byte) bool {
	mute := c.isMute()
	step := c.wire.Server(b)
	final := false
	for _, e := range step.Events {
		if e.Answer != nil {
			final = c.answer(e.Answer) || final
		}
	}
	if mute {
		return true
	}
	_, err := c.client.Write(step.On)
	return err == nil && !final
}

// isMute reports whether the program gets no more answers: from that of a batch on whose fate is to be withheld.
func (c *Conn) isMute() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = c.mute || len(c.out) > 0 && c.out[0].Fate == Withheld
	return c.mute
}

// answer takes in an answer, and says so when that of a batch is whole; final: it is the connection's last.
func (c *Conn) answer(a *wire.Answer) (final bool) {
	c.mu.Lock()
	c.state = a.State
	var whole *Batch
	if len(c.out) > 0 {
		b := c.out[0]
		b.Answers = append(b.Answers, a)
		if a.Last && a.To >= b.last {
			whole = b
			c.out = c.out[1:]
			c.final = c.final || b.Fate == Final
			final = c.final
			c.moved.Broadcast()
		}
	}
	c.mu.Unlock()
	if whole != nil {
		c.proxy.watcher.Answered(whole)
	}
	return final
}

// lost ends what is not answered.
func (c *Conn) lost() {
	c.mu.Lock()
	out := c.out
	c.out, c.state = nil, wire.Idle
	c.mu.Unlock()
	for _, b := range out {
		b.Lost = true
		c.proxy.watcher.Answered(b)
	}
}
