package conformance

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
)

// TestLockSessionsDie: a session's locks go with its server, and the session does not take itself for alive when that one is there again.
func TestLockSessionsDie(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, all, err := suite.OpenServers(t.Context(), []suite.TargetSpec{{Name: name, Engine: *engineNamed(name)}}, store.OpenConfig{Connections: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(opened) == 0 {
				required.Missing(t, name, all[0].Missing)
			}
			defer func() { _ = opened[0].Server.Close() }()
			mortal, err := opened[0].Server.(store.Killable).Mortal()
			if err != nil {
				t.Fatal(err)
			}
			session, err := opened[0].Server.(store.SessionLocks).LockSession(t.Context(), time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = session.Close() }()
			if ok, err := session.Lock(t.Context(), 1, 2); !ok || err != nil || !session.Alive(t.Context()) {
				t.Fatalf("lock: %v, %v", ok, err)
			}
			if err := mortal.Kill(); err != nil {
				t.Fatal(err)
			}
			if session.Alive(t.Context()) {
				t.Error("a session of a killed server is alive")
			}
			if err := mortal.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			if session.Alive(t.Context()) {
				t.Error("a session from before the restart is alive")
			}
		})
	}
}
