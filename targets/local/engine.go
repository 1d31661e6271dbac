package local

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
)

// Engine names a kind of server.
type Engine string

// The engines that can be started.
const (
	Postgres  Engine = "postgres"
	MySQL     Engine = "mysql"
	MariaDB   Engine = "mariadb"
	Redis     Engine = "redis"
	ZooKeeper Engine = "zookeeper"
)

// engine is what this package has to know of a kind of server.
type engine struct {
	name     Engine
	title    string   // as its makers write it
	programs []string // what its server program may be called: patterns
	called   bool     // it goes by the name that it is called by
	env      string   // the environment variable that names the program, or the folder that holds it
	hint     string   // how to get one, as an instruction
	places   []string // patterns of folders to look in, beyond PATH and the usual ones; newest version first
	ascii    bool     // it finds no file under a path with other characters
	account  string   // whom its programs run as where we are root

	ask        func(path string) []string                  // the command that prints its version; nil: path --version
	version    func(output string) string                  // out of what that prints; "": another engine's
	initialise func(b Binary, l layout) []string           // the command that fills the data folder
	copies     func(b Binary, l layout, from int) []string // the command that fills it with what a running server has; nil: it has no standbys
	files      func(l layout) []file                       // what these commands read in its folder: with the password, which is on no command line
	command    func(b Binary, l layout) []string           // the command that serves it
	ready      func(ctx context.Context, l layout, pid int) bool
	shut       func(ctx context.Context, l layout) error // keeps strangers out, once it is ready; nil: files have done that
	dsn        func(l layout) string

	shutdown syscall.Signal // ends it in good order, fast
	quit     syscall.Signal // ends it at once where its data is thrown away, leaving nothing behind in the system
}

// engines is the table of all engines.
func engines() []engine { return []engine{postgres(), mysql(), mariadb(), redis(), zookeeper()} }

// named reports whether a file's name is one that the engine's program may have.
func (e engine) named(file string) bool {
	return slices.ContainsFunc(e.programs, func(pattern string) bool {
		fits, _ := filepath.Match(pattern, file) // the patterns are good
		return fits
	})
}

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
	dir      string // its temporary folder
	data     string // the data folder in it
	port     int
	password string // of its superuser: letters and digits, so that no form of a DSN or a file escapes it
	Options
}

// file is one in a server's folder, for the account that the server runs as.
type file struct {
	name, content string
	once          bool // for the command that fills the data folder alone
}

// path is where a file lies.
func (l layout) path(name string) string { return filepath.Join(l.dir, name) }
