package suite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
)

// TestVersions: a target with a version in its name is the program of that version, and one that is not there is said so, with those that are.
func TestVersions(t *testing.T) {
	engines := []store.Engine{
		{Name: "embedded", Embedded: true},
		{Name: "shop", Product: "Shop", Installed: func(context.Context) ([]store.Program, error) {
			return []store.Program{{Path: "/a/shop", Version: "15.20"}, {Path: "/b/shop", Version: "1.4"}, {Path: "/c/shop", Version: "12.22"}}, nil
		}},
	}
	for name, want := range map[string]string{"shop-15": "/a/shop", "shop-15.20": "/a/shop", "shop-1": "/b/shop", "shop-12": "/c/shop"} {
		got, err := suite.ParseTargets(engines, []string{name}, "")
		if err != nil || got[0].Name != name || got[0].DSN != want || !got[0].Version || got[0].Engine.Name != "shop" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"shop-2":     "this machine has no Shop 2, but 15.20, 1.4, 12.22",
		"shop-old":   "unknown target",
		"embedded-1": "unknown target",
	} {
		if _, err := suite.ParseTargets(engines, []string{name}, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := suite.ParseTargets(engines, []string{"shop-15"}, "shop://host"); err == nil || !strings.Contains(err.Error(), "--dsn another server") {
		t.Errorf("with a DSN: %v", err)
	}
}
