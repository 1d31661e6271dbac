package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/targets/app/proxy"
)

// shared is one running program for all clients, behind one proxy. Whose statement it is goes by who can have moved: of one who has
// announced none, and waits for no answer, it is. Where that is nobody, or several, it is a guess, and no answer is built on it.
type shared struct {
	lane   *Lane
	owners map[*proxy.Conn]int // whose transaction it is

	probing  atomic.Bool  // one request runs alone, and each of its statements is held for a moment
	held     atomic.Int32 // of those
	several  atomic.Bool  // more than one at a time
	parallel map[string]bool
	known    string // why it is not known whose a statement is, as was seen of the operations when each ran alone
}

// startTimeout is how long somebody may take to start the program.
const startTimeout = 10 * time.Minute

// attach listens for the running program, says how it is to be started, and waits until it answers.
func (l *Lane) attach(ctx context.Context) error {
	if l.shared != nil {
		return nil
	}
	p := l.program
	server, err := l.store.Proxied(p.sessions())
	if err != nil {
		return err
	}
	s := &shared{lane: l, owners: map[*proxy.Conn]int{}, parallel: map[string]bool{}}
	through, err := proxy.New(ctx, cmp.Or(p.Proxy, "127.0.0.1:0"), server, p.account, s, keptRows)
	if err != nil {
		return err
	}
	l.shared = s
	for client := range p.options.Clients {
		in := newInstance(l, client)
		in.proxy, in.base = through, strings.TrimSuffix(p.Attach, "/")
		l.copies = append(l.copies, in)
	}
	values := p.values(l.store, through)
	already := l.answersNow(ctx)
	if p.options.Attach != nil {
		p.options.Attach("DATABASE_URL=" + values["url"])
	}
	limited, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !l.answersNow(limited) || already && len(through.Conns()) == 0 {
		select {
		case <-limited.Done():
			return errors.Join(fmt.Errorf("the program at %s did not connect to the address that it was to be started with within %v: start it anew with that DATABASE_URL",
				p.Attach, startTimeout), through.Trouble(), ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// answersNow reports whether the program answers within a second.
func (l *Lane) answersNow(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return l.copies[0].answers(ctx)
}

// Arrived implements proxy.Watcher.
func (s *shared) Arrived(b *proxy.Batch) <-chan struct{} {
	l := s.lane
	reader := l.reader.Load()
	if reader == nil || l.meter.Load() != nil {
		return l.copies[0].Arrived(b)
	}
	// Whoever it is of has asked, and is held, until the answer is here, which comes after this. What another one does meanwhile, whose
	// answer may come at this very moment, must not count: so each is looked at once. Whose it is, the lane finds out.
	in, holding, asking := l.copies[0], false, false
	for _, c := range l.copies {
		if c.asking.Load() > 0 {
			in, asking = c, true
		}
		holding = holding || c.holding.Load()
	}
	if !holding && s.probing.Load() && !reader.Read(b.Requests, b.Inside).Passes {
		in.arrived(b, false, asking)
		if s.held.Add(1) > 1 {
			s.several.Store(true)
		}
		release := make(chan struct{})
		time.AfterFunc(l.program.Wait, func() {
			s.held.Add(-1)
			close(release)
		})
		return release
	}
	return in.arrived(b, holding, asking)
}

// Answered implements proxy.Watcher.
func (s *shared) Answered(b *proxy.Batch) {
	if s.lane.meter.Load() != nil {
		s.lane.copies[0].Answered(b)
		return
	}
	for _, c := range s.lane.copies {
		if c.holding.Load() {
			c.Answered(b)
			return
		}
	}
}

// whose is the client of an event: of one that a proxy tells of, the one who can have sent it.
func (s *shared) whose(e *event) int {
	l := s.lane
	var b *proxy.Batch
	switch {
	case e.arrived != nil:
		b = e.arrived.batch
	case e.passed != nil:
		b = e.passed.batch
	case e.answered != nil:
		return slices.IndexFunc(l.players, func(p *player) bool {
			return slices.ContainsFunc(p.out, func(f flight) bool { return f.batch == e.answered })
		})
	default:
		return e.client
	}
	if owner, known := s.owners[b.Conn]; known && b.Inside && owner < len(l.players) && !l.players[owner].done {
		return owner
	}
	var can, left []int
	for i, p := range l.players {
		if p.begun && !p.done {
			left = append(left, i)
			if len(p.out) == 0 && !p.ready() {
				can = append(can, i)
			}
		}
	}
	switch {
	case len(left) == 0: // no schedule is under way
		return e.client
	case len(can) == 0:
		s.guess("a request has several statements under way at once")
		can = left
	case len(can) > 1:
		s.guess("two requests went on at the same time")
	}
	s.owners[b.Conn] = can[0]
	return can[0]
}

// guess notes why it is not known whose a statement is.
func (s *shared) guess(why string) {
	if slices.ContainsFunc(s.lane.copies, func(c *instance) bool { return c.holding.Load() }) { // or the schedule was given up
		s.lane.facts.Guess = cmp.Or(s.lane.facts.Guess, why)
	}
}

// begin begins a schedule.
func (s *shared) begin() {
	clear(s.owners)
	s.known = ""
	for _, op := range s.lane.ops {
		if s.parallel[op.Name] {
			s.known = cmp.Or(s.known, op.Name+" has several statements under way at once")
		}
		if s.lane.slow[op.Name] {
			s.known = cmp.Or(s.known, op.Name+" goes on after its answer")
		}
	}
	if s.known != "" {
		s.guess(s.known)
	}
}

// alone watches an operation that runs alone: whether it has several statements under way at once.
func (s *shared) alone(name string) (end func()) {
	if _, known := s.parallel[name]; known {
		return func() {}
	}
	s.several.Store(false)
	s.probing.Store(true)
	return func() {
		s.probing.Store(false)
		s.parallel[name] = s.several.Load()
	}
}

// checkAttach says what does not go with one running program.
func (p *Program) checkAttach() error {
	if p.Attach == "" {
		return nil
	}
	u, err := url.Parse(p.Attach)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%s: attach: must be the URL of a running program, as in http://127.0.0.1:8080", p.File)
	}
	if p.options.Lanes > 1 {
		return fmt.Errorf("%s: attach: there is one program, and so one lane: leave --lanes out", p.File)
	}
	return nil
}
