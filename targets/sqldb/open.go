package sqldb

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// OpenError says in one sentence what is wrong with a server, and what to do about it.
type OpenError struct {
	What string
	Err  error
	Do   string
}

func (e *OpenError) Error() string { return fmt.Sprintf("%s: %v; %s", e.What, e.Err, e.Do) }

// Unwrap is the server's own error.
func (e *OpenError) Unwrap() error { return e.Err }

// Innermost is the error at the end of a chain: drivers wrap it in their DSN, which is nobody's business. Of several joined
// (one an address that was tried) it is the first's.
func Innermost(err error) error {
	for {
		var inner error
		switch e := err.(type) { //nolint:errorlint // it walks the chain link by link
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }:
			inner = e.Unwrap()[0]
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}

// NewRunName names what a run makes on a server (lastseat_ and 8 hexadecimal digits), and its number among advisory locks.
func NewRunName() (name string, key int32) {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return "lastseat_" + hex.EncodeToString(b[:]), int32(binary.BigEndian.Uint32(b[:]) >> 1)
}

// ErrConnections is what Room's errors match.
var ErrConnections = errors.New("too few connections")

// Room decides how many connections clients may use where the server has free ones left: as many as cfg asks for, or, if it
// does not insist, as many as there are. One stays for lastseat itself.
func Room(cfg harness.OpenConfig, free int, setting string) (n int, note string, err error) {
	n = cfg.Connections
	switch free--; {
	case free < 1, cfg.Strict && free < n:
		return 0, "", fmt.Errorf("%w: the run wants %d and the server has %d free; raise its %s, close other sessions, or ask for less with --connections",
			ErrConnections, n, max(free, 0), setting)
	case free < n:
		return free, fmt.Sprintf("%d clients share %d connections, as many as the server has free (%s)", n, free, setting), nil
	}
	return n, "", nil
}
