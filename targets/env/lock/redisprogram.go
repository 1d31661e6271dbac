package lock

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/lastseat/lastseat/targets/local"
)

func redisProgram() local.Program {
	return local.Program{
		Name: "redis", Title: "Redis", Files: []string{"redis-server"}, AsNamed: true, Env: "LASTSEAT_REDIS_SERVER", Account: "redis",
		Hint: "no Redis server program found: ./scripts/servers installs it, or install Debian's redis-server, or set " +
			"LASTSEAT_REDIS_SERVER to the redis-server program",
		Version: func(output string) (title, version string) {
			return "Redis", local.Submatch(regexp.MustCompile(`^Redis server v=(\S+)`), output)
		},
		Write:      redisFiles,
		Initialise: func(_ local.Binary, l local.Layout) []string { return []string{"mkdir", l.Data} },
		Command:    redisCommand,
		Ready:      redisReady,
		DSN:        func(l local.Layout) string { return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", l.Password, l.Port) },
		Shutdown:   syscall.SIGTERM,
		Quit:       syscall.SIGKILL,
	}
}

const redisFile = "redis.conf"

func redisFiles(l local.Layout) []local.File {
	return []local.File{{Name: redisFile, Content: "requirepass " + l.Password + "\nmasterauth " + l.Password + "\n"}}
}

// redisCommand serves from memory alone: what a crash forgets is forgotten. A server that remembers is asked for by
// local.Options.ExtraArgs: --appendonly yes, and --appendfsync always where each write is to be on disk before it is answered.
func redisCommand(b local.Binary, l local.Layout) []string {
	argv := []string{
		b.Path, l.Path(redisFile), "--bind", "127.0.0.1", "--port", strconv.Itoa(l.Port), "--dir", l.Data, "--save", "", "--appendonly", "no",
		"--maxclients", strconv.Itoa(l.MaxConnections), "--daemonize", "no",
		"--set-proc-title", "no", // the watchdog knows its own by what their command lines name
	}
	return append(argv, l.ExtraArgs...)
}

// redisReady asks for a PONG, which a server that still reads its file refuses, and for the process id, so that a stranger on the
// same port cannot be taken for our server.
func redisReady(ctx context.Context, l local.Layout, pid int) bool {
	conn, err := local.Greet(ctx, l)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\nINFO server\r\nQUIT\r\n", l.Password); err != nil {
		return false
	}
	pong, own := false, false
	for lines := bufio.NewScanner(conn); (!pong || !own) && lines.Scan(); {
		switch line := strings.TrimSpace(lines.Text()); line {
		case "+PONG":
			pong = true
		case "process_id:" + strconv.Itoa(pid):
			own = true
		}
	}
	return pong && own
}
