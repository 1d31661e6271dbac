package reads

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestNoReplica: of stores that have none, and are no clusters, the row says so.
func TestNoReplica(t *testing.T) {
	for _, engine := range []store.Engine{memory.Engine(), sqlite.Engine()} {
		primary, err := engine.Open(t.Context(), store.OpenConfig{Connections: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, which := range []store.Component{replicaComponent(), byLSNComponent(), nodeComponent(), syncedNodeComponent()} {
			d, err := which.Open(t.Context(), store.ComponentOptions{Store: primary, Servers: 1, Clients: 1})
			if err != nil {
				t.Fatal(err)
			}
			if skip := d.Prepare(&store.RowSpec{}); skip == "" {
				t.Errorf("%s of %s is offered", which.Name, engine.Name)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := primary.Close(); err != nil {
			t.Error(err)
		}
	}
}
