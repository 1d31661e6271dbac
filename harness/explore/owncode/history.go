package owncode

import "fmt"

// history tells code that is not the same each time from a server that is not: for all that a client had run and been answered, it
// holds what the client ran next.
type history struct {
	next    map[string]string
	wavered bool // a client that was answered the same ran another statement
}

// add takes what a client ran in a schedule, and whether it then returned by itself.
func (h *history) add(client int, done []*Statement, returned bool) {
	if h.next == nil {
		h.next = map[string]string{}
	}
	past := fmt.Sprint(client)
	for _, s := range done {
		ran := fmt.Sprintf("%q %q", s.sql, fmt.Sprintf("%v", s.args))
		h.then(past, ran)
		if !s.answered {
			return
		}
		past += fmt.Sprintf("\n%s %q %v", ran, s.got, s.err)
	}
	if returned {
		h.then(past, "returns")
	}
}

func (h *history) then(past, next string) {
	if before, ok := h.next[past]; ok && before != next {
		h.wavered = true
	}
	h.next[past] = next
}

// remember adds the schedule that ended last.
func (x *exploration[DB]) remember() {
	for i, w := range x.workers {
		w.mu.Lock()
		returned := w.refused == 0
		w.mu.Unlock()
		x.history.add(i, w.statements(), returned)
	}
}
