package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"
)

// stall is how long the server stands still when it is told to.
const stall = time.Second

// serveHTTP is a server of HTTP that does next to nothing.
func serveHTTP(ctx context.Context) error {
	var still sync.RWMutex
	return serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stall" {
			still.Lock()
			defer still.Unlock()
			time.Sleep(stall)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // a client that left gets no answer
		still.RLock()
		defer still.RUnlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"order": 1}`)
	}))
}

// serve answers in a process of its own. It prints its address, and ends with its standard input.
func serve(ctx context.Context, handler http.Handler) error {
	var listening net.ListenConfig
	l, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: handler}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = s.Close()
	}()
	fmt.Println(l.Addr())
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// httpServer is such a process.
type httpServer struct {
	address string // http://127.0.0.1:1234
	process *exec.Cmd
	open    io.Closer // its standard input
}

// startHTTP starts one of those that --be names.
func startHTTP(ctx context.Context, what string, env ...string) (*httpServer, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	s := &httpServer{process: exec.CommandContext(ctx, own, "--be", what)}
	s.process.Env = append(os.Environ(), env...)
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("read the server's address: %w", err)
	}
	if s.open, err = s.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("keep the server open: %w", err)
	}
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start a server of HTTP: %w", err)
	}
	line := bufio.NewScanner(out)
	if !line.Scan() {
		return nil, errors.Join(errors.New("the server of HTTP says no address"), line.Err(), s.stop())
	}
	s.address = "http://" + line.Text()
	return s, nil
}

// stall has the server stand still, until it goes on.
func (s *httpServer) stall(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/stall", http.NoBody)
	if err != nil {
		return fmt.Errorf("have the server stand still: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("have the server stand still: %w", err)
	}
	return resp.Body.Close()
}

// stop ends the server.
func (s *httpServer) stop() error {
	return errors.Join(s.open.Close(), s.process.Wait())
}
