package local

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Program is a kind of server program, and all that has to be known to run one: a value that the folder of its engine makes.
type Program struct {
	Name    string   // postgres: as targets, folders and LASTSEAT_REQUIRE have it
	Title   string   // PostgreSQL: as its makers write it
	Files   []string // what its server program may be called: patterns
	AsNamed bool     // it does what the name says that it is called by: links to it are not followed
	Env     string   // the environment variable that names the program, or the folder that holds it
	Hint    string   // how to get one, as an instruction
	Places  []string // patterns of folders to look in, beyond PATH and the usual ones; newest version first
	ASCII   bool     // it finds no file under a path with other characters
	Account string   // whom it runs as where we are root

	Ask func(path string) []string // the command that prints its version; nil: path --version
	// Version takes what that prints apart: into a Title, and a version. Several kinds may share a file's name.
	Version    func(output string) (title, version string)
	Initialise func(b Binary, l Layout) []string // the command that fills the data folder
	// CopyWithout says that a filled data folder holds nothing of one server alone but the files of these names, and a password: further
	// servers begin with a copy. Nil: each server fills its own.
	CopyWithout []string
	// Own is the command that gives a copy the server's own password before anybody can reach it; nil: each start does so.
	Own     func(b Binary, l Layout) []string
	Write   func(l Layout) []File             // what these commands read in its folder: with the password, which is on no command line
	Command func(b Binary, l Layout) []string // the command that serves it
	// Ready reports whether it serves. A stranger who listens on its port must not be taken for it.
	Ready func(ctx context.Context, l Layout, pid int) bool
	Shut  func(ctx context.Context, l Layout) error // keeps strangers out, once it is ready; nil: its files have done that
	DSN   func(l Layout) string

	Shutdown syscall.Signal // ends it in good order, fast
	Quit     syscall.Signal // ends it at once where its data is thrown away, leaving nothing behind in the system
}

// named reports whether a file's name is one that the program may have.
func (p *Program) named(file string) bool {
	return slices.ContainsFunc(p.Files, func(pattern string) bool {
		fits, _ := filepath.Match(pattern, file) // the patterns are good
		return fits
	})
}

// Layout is where one server lives.
type Layout struct {
	Dir  string // its temporary folder
	Data string // the data folder in it
	Port int
	Options
}

// File is one in a server's folder, for the account that the server runs as.
type File struct {
	Name, Content string
	Once          bool // for the commands before its first start alone
}

// Path is where a file lies.
func (l Layout) Path(name string) string { return filepath.Join(l.Dir, name) }

// mostSocket is how long the path of a Unix socket may be on every system: that of macOS and the BSDs.
const mostSocket = 103

// SocketPath is where a socket lies in the data folder; empty: none was asked for, or its path is too long, or has characters that a DSN would
// have to escape.
func (l Layout) SocketPath(name string) string {
	path := filepath.Join(l.Data, name)
	special := func(r rune) bool {
		return !strings.ContainsRune("/.-_", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}
	if !l.Socket || len(path) > mostSocket || strings.ContainsFunc(path, special) {
		return ""
	}
	return path
}

const greetingTimeout = 2 * time.Second

// Greet opens a connection to a server, which is given up after a while: for Ready.
func Greet(ctx context.Context, l Layout) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, greetingTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Port)))
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline) // a failure shows at what comes next
	return conn, nil
}
