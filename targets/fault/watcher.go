package fault

import "net"

// Protocol is what a Proxy's connections speak.
type Protocol uint8

// The protocols. Of an Opaque one nothing is looked at, and no commit is seen.
const (
	Opaque Protocol = iota
	Postgres
	MySQL // and MariaDB
)

// watcher looks at what passes a link, and understands just enough of it to see commits that the server acknowledges. What it
// does not understand it lets alone: a commit that it overlooks, or believes to see, costs nothing but a connection that is not
// cut, or is. asked and answered are called by one goroutine each.
type watcher interface {
	// greet is what comes before anything is copied; false: the link has ended.
	greet(client, server net.Conn) bool
	// asked looks at bytes on their way to the server.
	asked(b []byte)
	// answered looks at bytes on their way to the client, and says how many commits they acknowledge: the client does not know of
	// those before it has all of the bytes.
	answered(b []byte) (commits int)
}

func newWatcher(protocol Protocol) watcher {
	switch protocol {
	case Postgres:
		return &postgres{}
	case MySQL:
		return &mysql{commits: map[uint32]bool{}}
	case Opaque:
	}
	return nil
}
