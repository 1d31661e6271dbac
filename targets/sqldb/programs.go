package sqldb

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// ProgramNames matches the names of databases that were made for programs of the user's, in a server's regular expressions.
const ProgramNames = "^lastseat_app_[0-9a-f]{8}$"

// ProgramKey is such a database's number among advisory locks of one number, as LivenessKey is a run's.
func ProgramKey(name string) int64 {
	return LivenessKey("lastseat_" + strings.TrimPrefix(name, "lastseat_app_"))
}

// ProgramMark says in a line, for a comment on such a database, that it is lastseat's, and who made it. It needs no quoting in SQL.
func ProgramMark() string {
	host, _ := os.Hostname() // empty is no harm
	return fmt.Sprintf("%s|%s|%s|%d|%d", Marker, plainText(version(), 200), plainText(host, 255), os.Getpid(), time.Now().Unix())
}

// ReadProgramMark reads what ProgramMark wrote; ok: it is one.
func ReadProgramMark(text string, left *store.Leftover) (ok bool) {
	words := strings.Split(text, "|")
	if len(words) != 5 || words[0] != Marker {
		return false
	}
	pid, err := strconv.ParseInt(words[3], 10, 64)
	seconds, err2 := strconv.ParseInt(words[4], 10, 64)
	if err != nil || err2 != nil {
		return false
	}
	left.Version, left.Host, left.PID, left.Started = words[1], words[2], pid, time.Unix(seconds, 0)
	return true
}
