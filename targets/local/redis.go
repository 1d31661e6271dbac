package local

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

func redis() engine {
	return engine{
		name: Redis, title: "Redis", programs: []string{"redis-server"}, called: true, env: "LASTSEAT_REDIS_SERVER", account: "redis",
		hint: "no Redis server program found: ./scripts/servers installs it, or install Debian's redis-server, or set " +
			"LASTSEAT_REDIS_SERVER to the redis-server program",
		version: func(output string) string {
			return submatch(regexp.MustCompile(`^Redis server v=(\S+)`), output)
		},
		files:      redisFiles,
		initialise: func(_ Binary, l layout) []string { return []string{"mkdir", l.data} },
		command:    redisCommand,
		ready:      redisReady,
		dsn:        func(l layout) string { return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", l.password, l.port) },
		shutdown:   syscall.SIGTERM,
		quit:       syscall.SIGKILL,
	}
}

const redisFile = "redis.conf"

func redisFiles(l layout) []file {
	return []file{{name: redisFile, content: "requirepass " + l.password + "\n"}}
}

// redisCommand serves from memory alone: what a crash forgets is forgotten. A server that remembers is asked for by
// Options.ExtraArgs: --appendonly yes, and --appendfsync always where each write is to be on disk before it is answered.
func redisCommand(b Binary, l layout) []string {
	argv := []string{
		b.Path, l.path(redisFile), "--bind", "127.0.0.1", "--port", strconv.Itoa(l.port), "--dir", l.data, "--save", "", "--appendonly", "no",
		"--maxclients", strconv.Itoa(l.MaxConnections), "--daemonize", "no",
		"--set-proc-title", "no", // the watchdog knows its own by what their command lines name
	}
	return append(argv, l.ExtraArgs...)
}

// redisReady asks for a PONG, which a server that still reads its file refuses, and for the process id, so that a stranger on the
// same port cannot be taken for our server.
func redisReady(ctx context.Context, l layout, pid int) bool {
	conn, err := greet(ctx, l.port)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\nINFO server\r\nQUIT\r\n", l.password); err != nil {
		return false
	}
	pong, own := false, false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := strings.TrimSpace(lines.Text()); line {
		case "+PONG":
			pong = true
		case "process_id:" + strconv.Itoa(pid):
			own = true
		}
	}
	return pong && own
}

// greet opens a connection that is given up after a while.
func greet(ctx context.Context, port int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, greetingTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline) // a failure shows at what comes next
	return conn, nil
}
