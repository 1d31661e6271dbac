package around

import (
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

// TestCombinations: values are combined, and the number of application servers only where it matters.
func TestCombinations(t *testing.T) {
	names := [][]string{{suite.None, "synchronous_commit=off"}, {suite.None}, {suite.None}, {suite.None, "redis"}, {suite.None}, {"kill-server"}}
	all, err := combine(names, []int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	var labels, commands []string
	for i := range all {
		labels = append(labels, all[i].Label(harness.Label{Strategy: "atomic", Isolation: harness.NoLevel}).Row(""))
		commands = append(commands, all[i].Flags())
	}
	want := []string{
		"atomic!kill-server", "atomic+redis+1-servers!kill-server", "atomic+redis+2-servers!kill-server",
		"atomic+synchronous_commit=off!kill-server", "atomic+synchronous_commit=off+redis+1-servers!kill-server",
		"atomic+synchronous_commit=off+redis+2-servers!kill-server",
	}
	if !slices.Equal(labels, want) {
		t.Errorf("rows %q, want %q", labels, want)
	}
	if want := " --lock redis --fault kill-server --servers 1"; commands[1] != want {
		t.Errorf("run again by %q, want %q", commands[1], want)
	}
	if suite.MixedDurability(all) == "" {
		t.Error("no warning that rows differ in durability")
	}
	if suite.MixedDurability(all[:1]) != "" {
		t.Error("a warning where no row gives up durability")
	}
}
