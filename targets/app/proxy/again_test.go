package proxy_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"

	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/wire"
)

// TestSaidAfterAgain: what a server says by itself just after a session was made anew comes to the program, after the answer.
func TestSaidAfterAgain(t *testing.T) {
	packet := func(seq byte, body string) []byte { return append([]byte{byte(len(body)), 0, 0, seq}, body...) }
	const (
		hello   = "\x0a8.0.0\x00\x01\x00\x00\x0012345678\x00\x01\x82\x21\x02\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00123456789012\x00"
		login   = "\x01\x82\x00\x00\x00\x00\x00\x01\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00me\x00\x00"
		ok      = "\x00\x00\x00\x02\x00\x00\x00"
		leaving = "\xff\x1d\x04#08S01Server shutdown in progress"
	)
	server, ours := net.Pipe()
	enter := func(_ context.Context, program net.Conn, _ *proxy.Account) (*proxy.Entry, error) {
		return &proxy.Entry{
			Program: program, Server: ours, Said: []proxy.Said{{Bytes: packet(0, hello)}, {Program: true, Bytes: packet(1, login)}, {Bytes: packet(2, ok)}},
			Again: func(_, server io.ReadWriter, request []byte) ([]byte, error) {
				if _, err := server.Write(request); err != nil {
					return nil, err
				}
				answer := make([]byte, len(packet(1, ok)))
				_, err := io.ReadFull(server, answer)
				return answer, err
			},
		}, nil
	}
	p, err := proxy.New(t.Context(), "127.0.0.1:0", proxy.Server{Protocol: wire.MySQL(), Enter: enter}, nil, &watcher{}, 0)
	must(t, err)
	defer func() { must(t, p.Close()) }()
	program, err := net.Dial("tcp", p.Address().String())
	must(t, err)
	defer program.Close()
	reset := packet(0, "\x1f")
	_, err = program.Write(reset)
	must(t, err)
	asked := make([]byte, len(reset))
	_, err = io.ReadFull(server, asked)
	must(t, err)
	want := append(packet(1, ok), packet(0, leaving)...)
	_, err = server.Write(want)
	must(t, err)
	must(t, server.Close())
	got, err := io.ReadAll(program)
	if must(t, err); !bytes.Equal(asked, reset) || !bytes.Equal(got, want) {
		t.Errorf("asked %q, answered %q, want %q", asked, got, want)
	}
}
