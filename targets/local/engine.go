package local

import (
	"context"
	"fmt"
	"syscall"
)

// Engine names a kind of server.
type Engine string

// The engines that can be started.
const (
	Postgres Engine = "postgres"
	MySQL    Engine = "mysql"
	MariaDB  Engine = "mariadb"
)

// engine is what this package has to know of a kind of server.
type engine struct {
	name     Engine
	title    string   // as its makers write it
	programs []string // what its server program may be called
	env      string   // the environment variable that names the program, or the folder that holds it
	hint     string   // how to get one, as an instruction
	places   []string // patterns of folders to look in, beyond PATH and the usual ones; newest version first
	account  string   // whom its programs run as where we are root

	version    func(output string) string                // out of what `program --version` prints; "": another engine's
	initialise func(b Binary, dir, data string) []string // the command that fills the data folder
	// copies is the command that fills it with what a running server has, as a standby's; nil: the engine has no standbys here.
	copies  func(b Binary, data string, from int) []string
	command func(b Binary, l layout) []string // the command that serves it
	ready   func(ctx context.Context, l layout, pid int) bool
	dsn     func(port int) string

	shutdown syscall.Signal // ends it in good order, fast
	quit     syscall.Signal // ends it at once where its data is thrown away, leaving nothing behind in the system
}

// engines is the table of all engines.
func engines() []engine { return []engine{postgres(), mysql(), mariadb()} }

func lookup(name Engine) (engine, error) {
	for _, e := range engines() {
		if e.name == name {
			return e, nil
		}
	}
	return engine{}, fmt.Errorf("no throwaway servers of engine %q", name)
}

// layout is where one server lives.
type layout struct {
	dir  string // its temporary folder
	data string // the data folder in it
	port int
	Options
}
