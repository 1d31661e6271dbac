package request

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/lastseat/lastseat/targets/app/spec"
)

// Client sends requests to one program over connections that it keeps. It does without net/http's transport, whose two goroutines for each
// connection take longer than the request itself; how messages are written and read is net/http's. A request is sent once: one without an
// answer is never repeated. Several goroutines may use a client, and each request has a connection of its own meanwhile. The zero value is
// ready.
type Client struct {
	mu   sync.Mutex
	idle []*conn // the last one was used last
}

// Answer is what the program answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // its first 4 MB
}

// UnsendableError says that a request is none, so that nothing was sent.
type UnsendableError struct{ err error }

func (e *UnsendableError) Error() string { return e.err.Error() }

func (e *UnsendableError) Unwrap() error { return e.err }

// Send sends a request to the program at base, as in http://127.0.0.1:8080, and reads the answer; fill puts values in the places of {names}.
// Redirects are answers. When ctx ends first, the error is that of ctx. An error in the middle of the body comes with the answer so far.
func (c *Client) Send(ctx context.Context, base string, r *spec.Request, fill func(string) string) (a Answer, err error) {
	req, err := write(ctx, base, r, fill)
	if err != nil {
		return a, &UnsendableError{err}
	}
	to, err := c.take(ctx, req.URL)
	if err != nil {
		return a, err
	}
	interrupt := context.AfterFunc(ctx, to.interrupt)
	a, keep, err := to.ask(req)
	if !interrupt() { // ctx has ended, or is about to interrupt the connection
		keep = false
		if err != nil {
			err = ctx.Err()
		}
	}
	if keep {
		c.keep(to)
		return a, nil
	}
	_ = to.Close() // what it brought is known
	return a, err
}

// write is a request with its values.
func write(ctx context.Context, base string, r *spec.Request, fill func(string) string) (*http.Request, error) {
	body, kind := fill(r.Body), ""
	if r.Body != "" && json.Valid([]byte(body)) {
		kind = "application/json"
	}
	if len(r.Form) > 0 {
		form := url.Values{}
		for _, f := range r.Form {
			form.Add(f.Name, fill(f.Value))
		}
		body, kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, base+fill(r.Path), strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, h := range r.Headers {
		req.Header.Set(h.Name, fill(h.Value))
	}
	return req, nil
}

// take is a connection that is kept, or a new one. Programs end those that nobody uses for a while: what is sent then would have no answer.
func (c *Client) take(ctx context.Context, to *url.URL) (*conn, error) {
	for {
		c.mu.Lock()
		n := len(c.idle) - 1
		if n < 0 {
			c.mu.Unlock()
			return dial(ctx, to)
		}
		kept := c.idle[n]
		c.idle = c.idle[:n]
		c.mu.Unlock()
		if kept.alive() {
			return kept, nil
		}
		_ = kept.Close() // the program has closed it
	}
}

// keep keeps a connection for the next request.
func (c *Client) keep(idle *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, idle)
}

// Close closes the connections that are kept. The client can be used again.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, idle := range c.idle {
		_ = idle.Close() // there is nothing under way
	}
	c.idle = nil
}
