// Package browser lets tests look at pages as people do: it starts Chromium without a window, opens files, clicks, and says what is seen.
// It speaks the DevTools protocol through two pipes. A newcomer starts at Start.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// ErrMissing says that this machine has no Chromium.
var ErrMissing = errors.New("no chromium found: ./scripts/servers installs it")

// Browser is a running Chromium. Its methods are for one goroutine. The caller must Close it.
type Browser struct {
	cmd     *exec.Cmd
	dir     string
	to      *os.File
	answers chan answer
	reading sync.WaitGroup
	id      int
	session string
	asked   []string // the addresses that pages asked for
}

type answer struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Start starts Chromium with its files in dir, which Close removes. It ends with ctx.
func Start(ctx context.Context, dir string) (*Browser, error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrMissing
	}
	theirIn, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), to.Close())
	}
	b := &Browser{dir: dir, to: to, answers: make(chan answer, 1024)}
	b.cmd = exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir="+dir)
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	err = b.cmd.Start()
	err = errors.Join(err, theirIn.Close(), theirOut.Close())
	if err != nil {
		return nil, errors.Join(err, to.Close(), from.Close())
	}
	b.reading.Go(func() { b.read(from) })
	if err := b.page(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// read takes in what the browser says until it ends.
func (b *Browser) read(from *os.File) {
	defer close(b.answers)
	defer func() { _ = from.Close() }() // it was only read
	for r := bufio.NewReader(from); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var a answer
		if json.Unmarshal(text[:len(text)-1], &a) == nil && (a.ID > 0 || a.Method == "Network.requestWillBeSent" || a.Method == "Page.loadEventFired") {
			b.answers <- a
		}
	}
}

// patience is how long what a browser has started may write after its end.
const patience = 10 * time.Second

// Close ends the browser, and removes its files.
func (b *Browser) Close() error {
	err := b.send("Browser.close", nil, "")
	for range b.answers { // until it is gone
	}
	b.reading.Wait()
	_ = b.cmd.Wait() // its exit code says nothing
	removed := os.RemoveAll(b.dir)
	for end := time.Now().Add(patience); removed != nil && time.Now().Before(end); removed = os.RemoveAll(b.dir) {
		time.Sleep(10 * time.Millisecond) // its helpers are still at it
	}
	return errors.Join(err, b.to.Close(), removed)
}

// page opens an empty page to work on.
func (b *Browser) page() error {
	var target struct{ TargetID string }
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return err
	}
	var session struct{ SessionID string }
	if err := b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session); err != nil {
		return err
	}
	b.session = session.SessionID
	return errors.Join(b.call("Page.enable", nil, nil), b.call("Network.enable", nil, nil),
		b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil))
}

func (b *Browser) send(method string, params any, session string) error {
	b.id++
	message := map[string]any{"id": b.id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = b.to.Write(append(text, 0))
	return err
}

// call sends a command and waits for its answer.
func (b *Browser) call(method string, params, result any) error {
	if err := b.send(method, params, b.session); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for a := range b.answers {
		b.note(&a)
		if a.ID != b.id {
			continue
		}
		if a.Error != nil {
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(a.Result, result)
	}
	return fmt.Errorf("%s: %w", method, io.ErrUnexpectedEOF)
}

// note keeps the addresses that are asked for.
func (b *Browser) note(a *answer) {
	var p struct{ Request struct{ URL string } }
	if a.Method == "Network.requestWillBeSent" && json.Unmarshal(a.Params, &p) == nil {
		b.asked = append(b.asked, p.Request.URL)
	}
}

// Open opens a file, its scripts switched off, and waits until all that it loads is there.
func (b *Browser) Open(path string) error {
	b.asked = nil
	if err := b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil); err != nil {
		return err
	}
	for {
		state, err := b.Eval("document.readyState + ' ' + location.protocol")
		if err != nil || state == "complete file:" {
			return err
		}
	}
}

// Asked are the addresses that the page asked for, itself included.
func (b *Browser) Asked() []string { return b.asked }

// Eval is what an expression of JavaScript gives, as text.
func (b *Browser) Eval(expression string) (string, error) {
	var r struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Exception struct{ Description string } `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if err := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &r); err != nil {
		return "", err
	}
	if e := r.ExceptionDetails; e != nil {
		return "", fmt.Errorf("%s: %s", expression, e.Exception.Description)
	}
	return fmt.Sprint(r.Result.Value), nil
}

// Click clicks the first element that a selector of CSS names, where a person would.
func (b *Browser) Click(selector string) error {
	at, err := b.Eval(fmt.Sprintf(`(() => {const e = document.querySelector(%q); if (!e) return ""; e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect(); return (r.x + r.width / 2) + " " + (r.y + r.height / 2)})()`, selector))
	if err != nil {
		return err
	}
	var x, y float64
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		return fmt.Errorf("nothing on the page is %s", selector)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		err := b.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// Resize gives the page another width and height.
func (b *Browser) Resize(width, height int) error {
	return b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
}

// Media shows the page as on paper (print) or on a screen, light or dark.
func (b *Browser) Media(media, scheme string) error {
	return b.call("Emulation.setEmulatedMedia", map[string]any{
		"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
}

// Elsewhere are the addresses that are not of this machine's files.
func (b *Browser) Elsewhere() []string {
	var all []string
	for _, url := range b.asked {
		if !strings.HasPrefix(url, "file:") && !strings.HasPrefix(url, "about:") {
			all = append(all, url)
		}
	}
	return all
}
