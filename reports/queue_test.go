package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// queueing is a result whose clients shared connections.
func queueing() *Result {
	const pg = "PostgreSQL 15.19"
	r := &Result{Servers: servers()[2:3], Rows: []Row{
		ran("postgres", pg, "conditional", rc, condPromise, 3105, 19*time.Millisecond, 0), ran("postgres", pg, "for-update", rc, lockPromise, 1987, 32*time.Millisecond, 0),
	}}
	r.Servers[0].Info.Connections = 97
	for i := range r.Rows {
		a := &r.Rows[i].Report.Accounting
		for n := range 100 {
			a.Queue.Record(time.Duration(1+i) * time.Second)
			a.Served.Record(time.Duration(n+1) * time.Millisecond)
		}
	}
	return r
}

// TestQueueIsReported: where clients share connections, each form says how long they waited for one, and how long the server took; a saved
// result says the same.
func TestQueueIsReported(t *testing.T) {
	r := queueing()
	const want = "the wait for one of 97 connections took p50 1.0s to 2.0s, p99 1.0s to 2.0s, and the server p50 50ms, p99 99ms"
	holds := func(form string, text string) {
		t.Helper()
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s does not say %q:\n%s", form, want, text)
		}
	}
	var text, md, page, saved bytes.Buffer
	for form, err := range map[string]error{
		"text": Text(&text, r, TableOptions{}), "Markdown": Markdown(&md, r), "HTML": HTML(&page, r), "JSON": JSON(&saved, r),
	} {
		if err != nil {
			t.Fatal(form, err)
		}
	}
	holds("text", text.String())
	holds("Markdown", md.String())
	holds("HTML", page.String())
	again, err := ReadJSON(saved.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if err := Text(&text, again, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	holds("text of the saved result", text.String())
}
