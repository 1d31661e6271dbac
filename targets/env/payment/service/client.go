package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Client asks a Service. Many goroutines may use one.
type Client struct {
	url      string
	patience time.Duration
	http     http.Client
	idle     func()
}

// NewClient is a client of the service at url that waits so long for an answer, and keeps connections for so many at once.
func NewClient(url string, patience time.Duration, connections int) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}
	return &Client{url: url, patience: patience, http: http.Client{Transport: transport}, idle: transport.CloseIdleConnections}
}

// Close closes the connections that nobody uses.
func (c *Client) Close() { c.idle() }

// Charge asks to take money. An error means that there was no answer: it may have been taken.
func (c *Client) Charge(ctx context.Context, r Request) (Status, error) {
	return c.post(ctx, "/charge", r)
}

// Refund asks to give money back. An error means that there was no answer: it may have been given.
func (c *Client) Refund(ctx context.Context, r Request) (Status, error) {
	return c.post(ctx, "/refund", r)
}

func (c *Client) post(ctx context.Context, path string, r Request) (Status, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	var got statusAnswer
	if err := c.ask(ctx, http.MethodPost, path, r.Key, body, &got); err != nil {
		return "", err
	}
	if _, known := codes[got.Status]; !known {
		return "", fmt.Errorf("payment service: unexpected answer %q", got.Status)
	}
	return got.Status, nil
}

// Booked asks what was taken for an operation, less what was given back. ok is false where the service does not say.
func (c *Client) Booked(ctx context.Context, op int64) (amount int64, ok bool, err error) {
	var got struct {
		sumAnswer
		statusAnswer
	}
	if err := c.ask(ctx, http.MethodGet, "/charges/"+strconv.FormatInt(op, 10), "", nil, &got); err != nil {
		return 0, false, err
	}
	return got.Amount, got.Status == "", nil
}

func (c *Client) ask(ctx context.Context, method, path, key string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if key != "" {
		req.Header.Set(keyHeader, key)
	}
	// Without this the transport sends a request again by itself where a connection that it kept turns out to be closed: whether
	// to ask again is the caller's business.
	req.GetBody = nil
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("no answer within %v: %w", c.patience, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("half an answer: %w", err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("payment service: %s: %w", resp.Status, err)
	}
	return nil
}
