package app

import (
	"context"
	"net"
	"net/url"
	"sync"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/process"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// ways in of a copy's clients, beside requests: commands that run, and sessions of lastseat's own.
type ways struct {
	mu       sync.Mutex
	commands map[*process.Process]bool
	idle     []database.Client
	sessions map[string]bool // of lastseat's own, used or not, by the addresses they come from
}

// ran notes a command that runs, or runs no more.
func (w *ways) ran(p *process.Process, now bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !now {
		delete(w.commands, p)
		return
	}
	if w.commands == nil {
		w.commands = map[*process.Process]bool{}
	}
	w.commands[p] = true
}

// kill kills the commands that run.
func (w *ways) kill() {
	w.mu.Lock()
	var all []*process.Process
	for p := range w.commands {
		all = append(all, p)
	}
	w.mu.Unlock()
	for _, p := range all {
		p.Kill()
	}
}

func (w *ways) close() {
	w.kill()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.idle {
		c.Close()
	}
	w.idle = nil
}

// session is one that nobody uses, as long as its connection lasts, or a new one.
func (in *instance) session(ctx context.Context) (database.Client, error) {
	for c := in.ways.take(); c != nil; c = in.ways.take() {
		if in.connOf(c.From()) != nil {
			return c, nil
		}
		c.Close()
	}
	p := in.lane.program
	a := p.account
	c, err := p.engine.Dial(ctx, p.dbs[in.lane.store.Name()].URL(in.proxy.Address().String(), url.UserPassword(a.User, a.Password)))
	if err == nil {
		in.ways.opened(c)
	}
	return c, err
}

func (w *ways) opened(c database.Client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions == nil {
		w.sessions = map[string]bool{}
	}
	w.sessions[c.From().String()] = true
}

func (w *ways) take() database.Client {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.idle)
	if n == 0 {
		return nil
	}
	c := w.idle[n-1]
	w.idle = w.idle[:n-1]
	return c
}

func (w *ways) give(c database.Client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, c)
}

// own reports whether a session of lastseat's own comes from an address.
func (w *ways) own(from net.Addr) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sessions[from.String()]
}

// connOf is the proxy's connection that comes from an address; nil: there is none any more.
func (in *instance) connOf(from net.Addr) *proxy.Conn {
	for _, c := range in.proxy.Conns() {
		if !c.Ended() && c.From().String() == from.String() {
			return c
		}
	}
	return nil
}
