//go:build unix

package local_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// say tells a Redis, ZooKeeper or etcd server one command (of etcd: a path) after the other, and returns what it answers to the last, as it stands in the
// protocol.
func say(t *testing.T, s *local.Server, commands ...string) string {
	t.Helper()
	var answer []byte
	if s.Binary().Program.Name == "etcd" {
		for _, path := range commands {
			var err error
			if answer, err = askEtcd(s, path, certificatesOf(t, s)); err != nil {
				t.Fatal(err)
			}
		}
		return string(answer)
	}
	for _, c := range commands {
		conn, err := net.Dial("tcp", s.Address())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a failure shows below
		if s.Binary().Program.Name == "redis" {
			c = "AUTH " + s.Password() + "\r\n" + c + "\r\nQUIT\r\n"
		}
		if _, err := io.WriteString(conn, c); err != nil {
			t.Fatal(err)
		}
		answer, err = io.ReadAll(conn)
		_ = conn.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	if s.Binary().Program.Name == "redis" {
		answer = bytes.TrimSuffix(bytes.TrimPrefix(answer, []byte("+OK\r\n")), []byte("+OK\r\n"))
	}
	return string(answer)
}

// binary is the program of an engine; without one the test is skipped or fails.
func binary(t *testing.T, engine string) local.Binary {
	t.Helper()
	b, err := local.Find(t.Context(), programOf(engine))
	if err != nil {
		absent(t, engine)
	}
	return b
}

// crash kills the server and brings it back.
func crash(t *testing.T, s *local.Server) {
	t.Helper()
	address, pid := s.Address(), s.PID()
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Fatal("alive after Kill")
	}
	began := time.Now()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is back after %v", s.Binary(), time.Since(began).Round(time.Millisecond))
	if s.Address() != address || s.PID() == pid {
		t.Errorf("after Restart: %s and process %d, before: %s and %d", s.Address(), s.PID(), address, pid)
	}
}
