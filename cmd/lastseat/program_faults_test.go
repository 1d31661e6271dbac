package main

import (
	"os"
	"strconv"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestProgramFaultFlag: --fault strikes at the points that it names, says what is half done then, and refuses what it cannot do.
func TestProgramFaultFlag(t *testing.T) {
	t.Parallel()
	sql, err := os.ReadFile("../../targets/app/testdata/points.sql")
	if err != nil {
		t.Fatal(err)
	}
	points := strconv.Quote(string(sql))
	file := shopFile(t, []string{"event/beside", "event/inside"}, map[string]string{"setup": points})
	begin(t, "", "explore", file, "--only", "event-beside", "--fault", "lost-commit").exits(suite.ExitBroken, "struck by faults, one request at a time",
		"event-beside: UNSAFE: 2 points: 1 all or nothing, 1 not", "message: as if it had not happened", "wallet: as if event-beside had happened", "--only event-beside --fault lost-commit:3")
	begin(t, "", "explore", file, "--only", "event-inside", "--fault", "cut-after:3").exits(suite.ExitAsExpected, "event-inside: safe: 1 point: 1 all or nothing")
	for says, args := range map[string][]string{
		`unknown fault "cut"`:                           {"--fault", "cut"},
		"names a point: name its operation too":         {"--fault", "cut-after:3"},
		"name a point as a report does":                 {"--fault", "cut-after:x", "--only", "event-beside"},
		"there is no such point":                        {"--fault", "cut-after:99", "--only", "event-beside"},
		"--order and --fault do not go together":        {"--fault", "all", "--order", "a b"},
		"--clients and --fault do not go together":      {"--fault", "all", "--clients", "3"},
		"--lock-timeout and --fault do not go":          {"--fault", "all", "--lock-timeout"},
		"--only names 3 operations, and --fault takes ": {"--fault", "all", "--only", "event-beside,event-beside,event-beside"},
	} {
		begin(t, "", append([]string{"explore", file}, args...)...).exits(suite.ExitSetup, says)
	}
	attached := shopFile(t, []string{"event/beside"}, map[string]string{"setup": points, "app": "", "attach": "http://127.0.0.1:1"})
	begin(t, "", "explore", attached, "--fault", "all").exits(suite.ExitSetup, "--fault needs app:")
}
