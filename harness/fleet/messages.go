package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
)

// Subjects. A run is known by the number of its coordinator, a worker by one of its own.
const (
	rollCall = "lastseat.roll" // a coordinator asks which workers are free
	prefix   = "lastseat."
)

func ordersTo(worker string) string      { return prefix + "worker." + worker }
func beatsOf(run string) string          { return prefix + "run." + run + ".beat" }
func chunksOf(run, worker string) string { return prefix + "run." + run + ".chunk." + worker }
func streamOf(run string) string         { return "lastseat_" + run }

const (
	// beatEvery is how often a worker says how far it is, and probeEvery how often it is asked for its clock.
	beatEvery  = 250 * time.Millisecond
	probeEvery = 100 * time.Millisecond
	// DefaultLost is how long one may be silent before the other takes it for lost.
	DefaultLost = 3 * time.Second
)

// hello is a free worker's answer to the roll call.
type hello struct {
	ID      string
	Host    string
	PID     int
	Version string // of lastseat
}

// kind is what an order asks for.
type kind string

const (
	claim kind = "claim" // work for this run, and no other
	probe kind = "probe" // say what time it is
	open  kind = "open"  // open the sessions of a job
	work  kind = "work"  // let the clients work for a round
	halt  kind = "halt"  // end the round
	abort kind = "abort" // end it, and give up what is under way
	shut  kind = "shut"  // the job is over
	bye   kind = "bye"   // the run is over
)

// order is what a coordinator asks of a worker. An order that comes twice is carried out once.
type order struct {
	Kind   kind
	Run    string
	Name   string        `json:",omitempty"` // claim: the worker's, in this run
	Lost   time.Duration `json:",omitempty"` // claim: how long silence may last
	Job    uint64        `json:",omitempty"` // its number, from 1
	Row    *Job          `json:",omitempty"` // open
	Round  int           `json:",omitempty"`
	For    time.Duration `json:",omitempty"` // work
	WarmUp bool          `json:",omitempty"` // work
	At     int64         `json:",omitempty"` // work: when to begin, on the worker's clock
}

// Job is a row as a worker is to have it.
type Job struct {
	Spec   json.RawMessage // what its row is: for Maker
	Config engine.Config
	From   int // its first client
	To     int // the first that is not its own
}

// answer is a worker's to an order.
type answer struct {
	Err string `json:",omitempty"`
	Now int64  // on its clock
}

// beat is what a worker says again and again.
type beat struct {
	Worker  string
	Job     uint64
	Opened  bool            // its clients are ready
	Err     string          `json:",omitempty"` // why they are not, or why its records cannot be sent
	Round   int             // the last that is over, all of its records sent
	Chunks  uint64          // that it has sent of this job
	Reading *engine.Reading `json:",omitempty"`
	Tally   *tally          `json:",omitempty"` // once the round is over
	Session []int64         `json:",omitempty"` // the server's numbers of its sessions, once the round is over
	CPU     float64         // the share of the processors it may use that it used while clients worked
	Late    time.Duration
	Stalled time.Duration
}

// tally is engine.Tally as it travels.
type tally struct {
	engine.Accounting
	Clients      int
	CPU          float64
	Failure      string `json:",omitempty"`
	Panics       int    `json:",omitempty"`
	Panicked, At string `json:",omitempty"`
	Err          string `json:",omitempty"`
	ServerLost   bool   `json:",omitempty"`
	Done         bool
	Figures      []figure `json:",omitempty"`
}

// figure is store.Figure as it travels.
type figure struct {
	store.Figure
	Of int64 `json:",omitempty"`
}

func tallyOf(t *engine.Tally) *tally {
	text := func(err error) string {
		if err == nil {
			return ""
		}
		return err.Error()
	}
	sent := &tally{
		Accounting: t.Accounting, Clients: t.Clients, CPU: t.CPU, Failure: text(t.Failure), Panics: t.Panics, Panicked: text(t.Panicked),
		Err: text(t.Err), ServerLost: errors.Is(t.Err, harness.ErrServerLost), Done: t.Done,
	}
	for _, f := range t.Figures {
		sent.Figures = append(sent.Figures, figure{f, f.Of})
	}
	var p *engine.PanicError
	if errors.As(t.Panicked, &p) {
		sent.Panicked, sent.At = fmt.Sprint(p.Value), p.At
	}
	return sent
}

// tally is what the worker with this name sent.
func (t *tally) tally(worker string) *engine.Tally {
	got := &engine.Tally{Accounting: t.Accounting, Clients: t.Clients, CPU: t.CPU, Panics: t.Panics, Done: t.Done}
	for _, f := range t.Figures {
		f.Figure.Of = f.Of
		got.Figures = append(got.Figures, f.Figure)
	}
	if t.Failure != "" {
		got.Failure = errors.New(t.Failure)
	}
	if t.Panicked != "" {
		got.Panicked = &engine.PanicError{In: "worker " + worker, Value: t.Panicked, At: t.At}
	}
	switch {
	case t.ServerLost:
		got.Err = fmt.Errorf("worker %s: %w: %s", worker, harness.ErrServerLost, t.Err)
	case t.Err != "":
		got.Err = fmt.Errorf("worker %s: %s", worker, t.Err)
	}
	return got
}
