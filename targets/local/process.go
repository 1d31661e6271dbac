package local

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// process is a program of the server's, running or ended.
type process struct {
	pid    int
	exited chan struct{} // closed once it has ended and been waited for; then err says how
	err    error
}

// gate is what a program starts behind: it becomes the program once it is told to, and ends if we die before that. So there
// is no moment in which the program runs and the watchdog does not know of it.
const gate = `read -r _ && exec "$@"`

// launch starts a program in dir, as the account, in a session of its own: Ctrl-C at the terminal does not reach it. What it
// prints goes to log. announce gets its process id before it runs.
func launch(argv []string, dir string, as *account, log *os.File, announce func(pid int) error) (*process, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", gate, "lastseat"}, argv...)...)
	cmd.Dir = dir
	cmd.Env = environment(dir)
	cmd.Stdout, cmd.Stderr = log, log
	detach(cmd, as)
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", argv[0], err)
	}
	defer func() { _ = w.Close() }() // whatever is to be written is written by then
	cmd.Stdin = r
	err = cmd.Start()
	_ = r.Close() // the child has its own
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", argv[0], err)
	}
	p := &process{pid: cmd.Process.Pid, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err = announce(p.pid); err == nil {
		_, err = w.WriteString("go\n")
	}
	if err != nil {
		_ = w.Close() // the gate ends
		<-p.exited
		return nil, fmt.Errorf("run %s: %w", argv[0], err)
	}
	return p, nil
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// environment leaves out what would change a server's behaviour from the outside: PGDATA, MYSQL_HOME, LANG and many more.
func environment(dir string) []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !slices.Contains([]string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ"}, name)
	})
	return append(env, "LC_ALL=C", "HOME="+dir, "TMPDIR="+dir)
}
