//go:build unix

package local_test

import (
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/targets/local"
)

type silent struct{}

func (silent) Printf(string, ...any) {}

func TestZooKeeperRemembers(t *testing.T) {
	s := start(t, binary(t, "zookeeper"), local.Options{})
	visit := func(do func(c *zk.Conn) error) {
		t.Helper()
		c, _, err := zk.Connect([]string{s.Address()}, 10*time.Second, zk.WithLogger(silent{}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.AddAuth("digest", []byte("lastseat:"+s.Password())); err != nil {
			t.Fatal(err)
		}
		if err := do(c); err != nil {
			t.Error(err)
		}
	}
	visit(func(c *zk.Conn) error {
		_, err := c.Create("/seats", []byte("41"), 0, zk.AuthACL(zk.PermAll))
		return err
	})
	crash(t, s)
	visit(func(c *zk.Conn) error {
		got, _, err := c.Get("/seats")
		if string(got) != "41" {
			t.Errorf("after the crash: %q", got)
		}
		return err
	})
}
