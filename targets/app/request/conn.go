package request

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/lastseat/lastseat/targets/nonblock"
)

// conn is a connection to the program.
type conn struct {
	net.Conn
	socket net.Conn // the same without TLS
	in     *bufio.Reader
	out    *bufio.Writer
}

// dial opens a connection to where a URL leads.
func dial(ctx context.Context, to *url.URL) (*conn, error) {
	port := "80"
	if to.Scheme == "https" {
		port = "443"
	}
	var d net.Dialer
	socket, err := d.DialContext(ctx, "tcp", net.JoinHostPort(to.Hostname(), cmp.Or(to.Port(), port)))
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what failed, and of which address
	}
	c := &conn{Conn: nonblock.Conn(socket), socket: socket}
	if to.Scheme == "https" {
		secure := tls.Client(c.Conn, &tls.Config{ServerName: to.Hostname(), MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, socket.Close())
		}
		c.Conn = secure
	}
	c.in, c.out = bufio.NewReader(c.Conn), bufio.NewWriter(c.Conn)
	return c, nil
}

// interrupt ends what the connection waits for.
func (c *conn) interrupt() { _ = c.SetDeadline(time.Unix(1, 0)) } // one that is closed waits for nothing

// maxBody bounds what is read of an answer.
const maxBody = 4 << 20

// ask sends a request and reads its answer; keep: the connection is good for another.
func (c *conn) ask(req *http.Request) (a Answer, keep bool, err error) {
	sent := req.Write(c.out)
	if sent == nil {
		sent = c.out.Flush()
	}
	// A program may answer and close before it has read all of the request. To close the body would read all of its rest.
	resp, err := c.answer(req) //nolint:bodyclose // the connection is closed instead
	if err != nil {
		return a, false, cmp.Or(sent, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	keep = err == nil && len(body) < maxBody && sent == nil && !resp.Close && c.in.Buffered() == 0
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, keep, err
}

// answer reads the head of the answer to a request, behind those that only say that it is to come.
func (c *conn) answer(req *http.Request) (*http.Response, error) {
	for {
		if _, err := c.in.Peek(1); err != nil { // none came at all
			return nil, err //nolint:wrapcheck // it says all
		}
		resp, err := http.ReadResponse(c.in, req)
		if err != nil || resp.StatusCode >= http.StatusOK || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err //nolint:wrapcheck // it says all
		}
	}
}
