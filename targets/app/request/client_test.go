package request_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/lastseat/lastseat/targets/app/request"
	"github.com/lastseat/lastseat/targets/app/spec"
)

func asIs(text string) string { return text }

// counted is a server that counts the connections that are made to it.
func counted(t *testing.T, handler http.HandlerFunc) (s *httptest.Server, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	s = httptest.NewUnstartedServer(handler)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s, connections
}

// TestSend: a program gets what the file says, with its values, and its answer is read however it is framed, over one connection.
func TestSend(t *testing.T) {
	s, connections := counted(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Got", r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Client")+" "+string(body))
		switch r.URL.Path {
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusConflict)
		case "/moved":
			http.Redirect(w, r, "/empty", http.StatusSeeOther)
		case "/chunks":
			for range 3 {
				_, _ = io.WriteString(w, "part ")
				_ = http.NewResponseController(w).Flush()
			}
		default:
			_, _ = io.WriteString(w, "whole")
		}
	})
	c := request.Client{}
	defer c.Close()
	values := spec.ClientValues(1)
	for _, try := range []struct {
		r      spec.Request
		status int
		got    string
		body   string
	}{
		{spec.Request{Method: "GET", Path: "/whole?as={client}"}, 200, "GET /whole?as=b", "whole"},
		{spec.Request{Method: "HEAD", Path: "/whole"}, 200, "HEAD /whole", ""},
		{spec.Request{Method: "POST", Path: "/chunks", Body: `{"n": {number}}`}, 200, `POST /chunks application/json  {"n": 2}`, "part part part "},
		{spec.Request{Method: "POST", Path: "/empty", Body: "n", Headers: []spec.Variable{{Name: "x-client", Value: "{client}"}}}, 204, "POST /empty  b n", ""},
		{spec.Request{Method: "PUT", Path: "/early", Form: []spec.Variable{{Name: "a", Value: "{number} 3"}}}, 409, "PUT /early application/x-www-form-urlencoded  a=2+3", ""},
		{spec.Request{Method: "POST", Path: "/moved"}, 303, "POST /moved", ""},
	} {
		a, err := c.Send(t.Context(), s.URL, &try.r, values.Fill)
		if err != nil || a.Status != try.status || string(a.Body) != try.body || a.Header.Get("Got") != try.got {
			t.Errorf("%s %s: %d %q, got %q, %v; want %d %q, %q", try.r.Method, try.r.Path, a.Status, a.Body, a.Header.Get("Got"), err, try.status, try.body, try.got)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections, want one for all", n)
	}
}

// TestClosedByProgram: what a program closes is not used again: neither what it said it would close, nor what it closed while nobody used it.
func TestClosedByProgram(t *testing.T) {
	s, connections := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close")
		}
	})
	c := request.Client{}
	defer c.Close()
	for i, path := range []string{"/", "/last", "/", "/"} {
		if i == 3 {
			s.CloseClientConnections() // waits until they are closed
		}
		if _, err := c.Send(t.Context(), s.URL, &spec.Request{Method: "POST", Path: path}, asIs); err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if n := connections.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

// TestSaidTooMuch: what a program says beyond its answer is nobody's answer.
func TestSaidTooMuch(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			server, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
				_, _ = io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
			}
		}
	}()
	c := request.Client{}
	defer c.Close()
	for range 2 {
		if a, err := c.Send(t.Context(), "http://"+l.Addr().String(), &spec.Request{Method: "GET"}, asIs); err != nil || a.Status != http.StatusOK {
			t.Errorf("%d, %v", a.Status, err)
		}
	}
}

// TestUnanswered: errors say whether a request was sent; one whose connection breaks is not repeated.
func TestUnanswered(t *testing.T) {
	sent := atomic.Int32{}
	entered, leave := make(chan struct{}), make(chan struct{})
	s, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		switch r.URL.Path {
		case "/breaks":
			panic(http.ErrAbortHandler)
		case "/half":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		case "/hangs":
			close(entered)
			<-leave
		}
	})
	defer close(leave)
	c := request.Client{}
	defer c.Close()
	ask := func(ctx context.Context, base, path string) error {
		_, err := c.Send(ctx, base, &spec.Request{Method: "GET", Path: path}, asIs)
		return err
	}
	if err := ask(t.Context(), s.URL, "/"); err != nil { // a connection is kept
		t.Fatal(err)
	}
	if err := ask(t.Context(), s.URL, "/breaks"); !errors.Is(err, io.EOF) || sent.Load() != 2 {
		t.Errorf("a connection that breaks: %v, %d requests; want EOF, and one after the first", err, sent.Load())
	}
	if err := ask(t.Context(), s.URL, "/half"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half of a body: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if err := ask(ctx, s.URL, "/hangs"); !errors.Is(err, context.Canceled) {
		t.Errorf("no answer until the end: %v", err)
	}
	var none *request.UnsendableError
	if err := ask(t.Context(), s.URL, "/\x00"); !errors.As(err, &none) {
		t.Errorf("no request at all: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens at once
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ask(t.Context(), "http://"+l.Addr().String(), "/"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestHuge: of an answer that is too long its beginning is read, and the next one is not taken from its rest.
func TestHuge(t *testing.T) {
	s, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/huge" {
			_, _ = io.WriteString(w, strings.Repeat("x", 5<<20))
			return
		}
		_, _ = io.WriteString(w, "small")
	})
	c := request.Client{}
	defer c.Close()
	for path, want := range map[string]int{"/huge": 4 << 20, "/small": 5} {
		a, err := c.Send(t.Context(), s.URL, &spec.Request{Method: "GET", Path: path}, asIs)
		if err != nil || len(a.Body) != want {
			t.Errorf("%s: %d bytes, %v; want %d", path, len(a.Body), err, want)
		}
	}
}

// BenchmarkSend is a request to a server in the same process.
func BenchmarkSend(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"order": 1}`) }))
	defer s.Close()
	c := request.Client{}
	defer c.Close()
	values := spec.ClientValues(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(b.Context(), s.URL, &spec.Request{Method: "POST", Path: "/buy", Body: `{"client": "{client}", "id": "{id}"}`}, values.Fill); err != nil {
			b.Fatal(err)
		}
	}
}
