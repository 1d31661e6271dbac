package store

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Component is something around a store: a lock, a cache, a fault, a retry policy. It is a value of one of the table's axes, and
// knows no strategy. What it needs of a store it asks for in RowSpec.Env; what it does it does to a Target.
type Component struct {
	Name    string // redis: one word, and no other component of any axis has it
	Explain string // one sentence: what it promises, or which bug it is
	Traits  Traits // of a fault: what it may do to a row
	// Endangers are the hazards that it causes or brings out in some row. Its effects cause no others.
	Endangers promise.Hazards
	// PerServer: each application server has one of its own, which its clients share.
	PerServer bool
	// OneProcess says why clients of its rows cannot be in several processes; empty: they can. One process begins rows and forgets them then,
	// the others join (ComponentOptions.Joins), and a Shareable tells them what they need to know.
	OneProcess string
	// Backend is what answers for it (redis), where users can name servers of their own: see ComponentOptions.Backends. Empty: they cannot.
	Backend string
	// Checks are the invariants that come with it, beside the workload's own; nil: none do.
	Checks func(harness.Workload) []harness.Checker
	// Open readies it beside an opened store. *MissingError: what it needs is not to be had here.
	Open func(ctx context.Context, opt ComponentOptions) (Instance, error)
}

// ComponentOptions says what a Component is for.
type ComponentOptions struct {
	Store   Server // whose rows it surrounds
	Servers int    // application servers that clients are spread over, at least 1: see ServerOf
	Clients int    // the most clients that a row has in this process, or where Workers have them, in all
	Workers int    // other processes that have the clients; 0: this one has
	// Processes are those of Workers that can be stopped: lastseat started them.
	Processes []Process
	// Joins: another process begins the row and forgets it. This one has some of its clients, and what strikes clients strikes here.
	Joins bool
	// Attach is what Shareable.Share told the other process, with Joins; empty: there was nothing to tell.
	Attach string
	// Backends are addresses of the user's own servers, by Component.Backend. Those that are missing are started for the run.
	Backends map[string]string
}

// Process is an application server that stands still between Stop and Continue.
type Process interface {
	Stop() error
	Continue() error
}

// ProcessPause is how long a process stands still: for less than its coordinator waits for a sign of it.
const ProcessPause = 1500 * time.Millisecond

// ServerOf is the application server, from 0, that a client is at.
func (o ComponentOptions) ServerOf(client int) int { return client % o.Servers }

// Instance is an opened Component. It serves one row at a time, and may serve many one after the other.
type Instance interface {
	// Prepare asks the store for what the row needs, and adds to the promise what it causes and prevents. skip says why there
	// is no such row; empty: there is. Traits are known already; components further in have been prepared.
	Prepare(spec *RowSpec) (skip string)
	// Wrap surrounds the row's target. The Target it makes passes on what it does not change; its Session sets the
	// SessionOptions that are its own, beside those that it is given: Hook.Then, and so on.
	Wrap(inner harness.Target) harness.Target
	// Close ends what Open began.
	Close() error
}

// Figured is an optional capability of a Instance: what it measured since the row's Setup.
type Figured interface{ Figures() []Figure }

// Backed is an optional capability of an Instance: it says which servers answer for it. ok: there are some.
type Backed interface {
	Backend() (info BackendInfo, ok bool)
}

// BackendInfo is what the servers say of themselves that answer for a component, and that are all of one version.
type BackendInfo struct {
	Product   string    `json:"product"`         // Redis
	Version   string    `json:"version"`         // 7.0.15; empty: its user may not ask
	Settings  []Setting `json:"settings"`        // as they bear on what it remembers; none: its user may not ask, or there are none
	Throwaway bool      `json:"throwaway"`       // started for the run
	Where     string    `json:"where,omitempty"` // host:port of the user's own
	Note      string    `json:"note,omitempty"`  // how many they are, where it is not one
}

// Figure is a number that a row shows and is not judged by.
type Figure struct {
	Name  string  `json:"name"`  // overlaps
	Value float64 `json:"value"` // in Unit
	Unit  string  `json:"unit"`  // "times two clients held one lock"; "ms"
	Of    int64   `json:"-"`     // how many Value is the mean of; 0: it is a sum
}

// SumOf are the figures that processes of one row measured, taken together.
func SumOf(all ...[]Figure) (sum []Figure) {
	for _, figures := range all {
		for _, f := range figures {
			i := slices.IndexFunc(sum, func(s Figure) bool { return s.Name == f.Name })
			switch {
			case i < 0:
				sum = append(sum, f)
			case f.Of == 0 && sum[i].Of == 0:
				sum[i].Value += f.Value
			default:
				of := sum[i].Of + f.Of
				if sum[i].Value = (sum[i].Value*float64(sum[i].Of) + f.Value*float64(f.Of)) / float64(max(of, 1)); of > 0 {
					sum[i].Of = of
				}
			}
		}
	}
	return sum
}

// Nemesis is an optional capability of a Instance: it breaks things around the row while its clients run.
type Nemesis interface {
	// Inject breaks things, again and again, until ctx ends; then it mends what is broken, and returns. An error ends the row.
	Inject(ctx context.Context, on Victims) error
}

// Victims are the clients that work where a Nemesis breaks things, as it sees them.
type Victims struct {
	// Turn is how many operations there are when every client has had its turn: one each, or fewer where a rate says that fewer are due soon.
	Turn int64
	// Served is how many operations have ended by now as somebody knows: ok, or rejected. It may be called from any goroutine.
	Served func() int64
	// Note is told of what is broken when that begins, and what it answers is called once that is mended.
	Note func(what string) (mended func())
	// Rand is where all chance comes from.
	Rand *rand.Rand
}

// Traits are what a fault may do to a row: other components, and the evidence that a verdict needs, go by them.
type Traits struct {
	Severs bool // cuts connections to the store, so that outcomes become unknown and transactions end halfway
	// Answered: what it severs are answers to commits that took effect: no transaction ends halfway.
	Answered bool
	Kills    bool          // the store's server is killed and comes back
	Unlocks  bool          // the lock's server is killed and comes back
	Crashes  bool          // clients die with their locks: ErrCrashed
	Pause    time.Duration // a client stops for so long between its last read and its first write; locks are made to expire sooner
	Stops    bool          // the pause is that of a whole process, whose connections give no signs of it meanwhile
	Service  bool          // the outside service refuses, hangs, or is asked twice
}

// Any reports whether the row has a fault at all.
func (t Traits) Any() bool { return t != Traits{} }

// Env is what instances ask of a row's store. The zero value asks for nothing.
type Env struct {
	Traits Traits // of the row's fault
	// Fenced: each write carries the token of SessionOptions.Fence, and is refused where a higher one was there before.
	Fenced bool
	// Keyed: the journal takes an operation once, by a unique index. The second attempt fails with ErrDone.
	Keyed bool
	// Repeats: an operation may be sent again although it took effect, and nothing in the store may keep it from doing so twice.
	Repeats bool
	// Elsewhere: reads that the strategy does not protect go to SessionOptions.Reader.
	Elsewhere bool
	// Readers is where transactions that only read are carried out as a whole; nil: on the store itself.
	Readers *Readers
	// Service: Calls go to SessionOptions.Call.
	Service bool
	// Misused: the lock is taken or released at a Point, which the strategy must have.
	Misused bool
	// Route is how the clients' connections reach the server; nil: directly.
	Route Route
	// Patient: the server may be away for a while. Attempts wait for it until their time is up, and fail then: it is not gone.
	Patient bool
	// Settings of the server that the row wants otherwise, by the server's own names.
	Settings []Setting
	// Locks are the servers that keep the row's locks, and may be killed.
	Locks []Mortal
	// ShortestLock is the shortest life that the row's lock can be given, where that is longer than a fault's pause: a holder stops for longer.
	ShortestLock time.Duration
	// NoLocks says why there are none; empty: no server keeps any.
	NoLocks string
	// Services are the outside services that the row asks, where they are real.
	Services []FaultyService
	// Effects are what components do to the promise, innermost first.
	Effects []promise.Effect
}

// Route is a way to a server. Routes are compared by ==: connections that came by another are not used.
type Route interface {
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// Mortal is a server that may be killed: one that was started for this run.
type Mortal interface {
	// Kill is kill -9.
	Kill() error
	// Restart starts it again on what is left, at the same address, and returns when it answers.
	Restart(ctx context.Context) error
}

// Killable is an optional capability of a Server.
type Killable interface {
	// Mortal is the server's process; an error says why it is not to be killed.
	Mortal() (Mortal, error)
}

// Axis is an axis of the table whose values are components: its name is its flag.
type Axis struct {
	Name       string // lock
	Explain    string // what its values are, for help
	Components []Component
	// What goes well with it where users name nothing else; empty: whatever there is.
	Workload   string
	Strategies []string
	Beside     []string // with nothing around the store: what one store can do by itself
}

// Named is the axis's component of a name, or nil.
func (a *Axis) Named(name string) *Component {
	for i := range a.Components {
		if a.Components[i].Name == name {
			return &a.Components[i]
		}
	}
	return nil
}
