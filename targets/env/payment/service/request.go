package service

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Card is what the customer's card is good for. It belongs to the operation, so that asking again meets the same.
type Card string

// The cards.
const (
	Good    Card = "ok"
	NoFunds Card = "declined" // charges are declined, each time
	Down    Card = "down"     // the service is down when it is first asked, and for a while: it refuses the first few requests
)

// CardOf is the card that a Call's Outcome stands for.
func CardOf(o harness.Outcome) Card {
	switch o {
	case harness.OK:
		return Good
	case harness.Rejected:
		return NoFunds
	}
	return Down
}

// Request asks for money, or to give it back.
type Request struct {
	Key    string `json:"-"`      // the Idempotency-Key; empty: there is none
	Op     int64  `json:"op"`     // the shop's number of the operation
	Amount int64  `json:"amount"` // above 0
	Card   Card   `json:"card"`
}

// Status is an answer.
type Status string

// The answers. No answer at all says nothing: it may have been charged.
const (
	Charged     Status = "charged" // or given back
	Declined    Status = "declined"
	Unavailable Status = "unavailable" // this request did nothing; one before it may have
)

var codes = map[Status]int{Charged: http.StatusOK, Declined: http.StatusPaymentRequired, Unavailable: http.StatusServiceUnavailable}

type statusAnswer struct {
	Status Status `json:"status"`
}

type sumAnswer struct {
	Op     int64 `json:"op"`
	Amount int64 `json:"amount"`
}

// keyHeader is the header that makes a request one that is booked once.
const keyHeader = "Idempotency-Key"

// maxBody is more than any request has, in bytes.
const maxBody = 4 << 10

// readRequest reads a request to its end: only then does the server notice that a client went away.
func readRequest(w http.ResponseWriter, r *http.Request) (*Request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	req := &Request{Key: r.Header.Get(keyHeader)}
	if err := json.Unmarshal(body, req); err != nil {
		return nil, err
	}
	if req.Amount <= 0 {
		return nil, errors.New("amount: expected more than 0")
	}
	return req, nil
}

// book answers a POST, as far as its luck goes.
func (s *Service) book(w http.ResponseWriter, r *http.Request, sign int64) {
	defer s.begin()()
	req, err := readRequest(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	luck := s.chance.draw()
	switch luck.fate {
	case refuse:
		answer(w, codes[Unavailable], statusAnswer{Unavailable})
		return
	case slow:
		s.wait(r, luck.after)
	case hang, twice, fine:
	}
	status := s.books.book(req, sign)
	switch luck.fate {
	case twice:
		s.books.book(req, sign)
	case hang:
		s.wait(r, never)
		return
	case refuse, slow, fine:
	}
	answer(w, codes[status], statusAnswer{status})
}

// never is longer than any client waits.
const never = time.Hour

// wait holds a request up until the time is over, its client went away, or the service ends.
func (s *Service) wait(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// tell answers what was booked for an operation.
func (s *Service) tell(w http.ResponseWriter, r *http.Request) {
	defer s.begin()()
	op, err := strconv.ParseInt(r.PathValue("op"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.chance.draw().fate == refuse {
		answer(w, codes[Unavailable], statusAnswer{Unavailable})
		return
	}
	answer(w, http.StatusOK, sumAnswer{Op: op, Amount: s.books.sum(op)})
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client may have gone away
}
