package memory_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/targettest"
)

func TestConformance(t *testing.T) {
	e := memory.Engine()
	server, err := e.Open(t.Context(), store.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	targettest.Exercise(t, server, e.Strategies)
}
