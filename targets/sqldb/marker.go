package sqldb

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Marker is the table in a run's schema that says whose it is. A schema without it is not lastseat's, whatever its name.
const Marker = "lastseat_run"

// RunNames matches what RunName makes, in a server's regular expressions.
const RunNames = "^lastseat_[0-9a-f]{8}$"

// LivenessKey is a run's number among advisory locks of one number: it holds that lock as long as it lives. Its upper half is "last".
func LivenessKey(name string) int64 {
	low, _ := strconv.ParseUint(strings.TrimPrefix(name, "lastseat_"), 16, 32) // RunName's names are numbers
	return 0x6c617374<<32 | int64(low)
}

// How a run tells that it is alive, as the marker says.
const (
	LivesByLock = "lock" // a session holds a lock
	LivesByBeat = "beat" // the marker's time is set again and again: no session could hold a lock
)

// MarkerStatements make the marker in a schema, and fill it. clock is the engine's type of times, and now its expression for one.
func MarkerStatements(schema, lives, clock, now string) []string {
	host, _ := os.Hostname() // empty is no harm
	return []string{
		fmt.Sprintf("CREATE TABLE %s.%s (version VARCHAR(200) NOT NULL, host VARCHAR(255) NOT NULL, pid BIGINT NOT NULL, "+
			"lives VARCHAR(10) NOT NULL, started %s NOT NULL, beat %s NOT NULL)", schema, Marker, clock, clock),
		fmt.Sprintf("INSERT INTO %s.%s VALUES ('%s', '%s', %d, '%s', %s, %s)",
			schema, Marker, plainText(version(), 200), plainText(host, 255), os.Getpid(), lives, now, now),
	}
}

// version is lastseat's own.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// plainText keeps what needs no quoting in any SQL.
func plainText(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("()+-._ ", r) {
			return r
		}
		return '_'
	}, s)
	return s[:min(len(s), most)]
}
