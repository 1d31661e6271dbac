// Package certificate is proof of what a history is under a model: an order of its transactions on which the model's axioms hold, or a
// refutation, in which every order is shown to contradict the history. In go a Certificate and a history, out comes whether the one
// proves what it says of the other. Verify shares nothing with the packages that judge: it reads the history itself.
//
// Transactions are numbered from 0, in the order in which the history has their ends. A newcomer starts at Certificate and Verify.
package certificate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Version is that of the format.
const Version = 1

// Certificate is what is proved, and how: one of Holds, Refutation and Keys is there.
type Certificate struct {
	Version    int         `json:"version"`
	Kind       string      `json:"kind"` // certificate
	Workload   string      `json:"workload"`
	Model      string      `json:"model"`
	By         string      `json:"by,omitempty"`      // the model that is proved instead: a stronger one holds, or a weaker one does not
	Initial    string      `json:"initial,omitempty"` // what registers held at first, if that is not nil
	Key        string      `json:"key,omitempty"`     // of many, each of which has a history of its own: the one of which it is proved
	Holds      *Holds      `json:"holds,omitempty"`
	Refutation *Refutation `json:"refutation,omitempty"`
	// Keys are, where each key has a history of its own, certificates that the model holds of each, or one that it does not of one.
	Keys []*Certificate `json:"keys,omitempty"`
}

// Holds is how it may have been.
type Holds struct {
	// Order has each transaction that happened once, or, if the model tells its beginning from its commit, twice.
	Order []int32 `json:"order"`
	// Saw are, by place in Order, transactions that it saw, beside those of its session before it and, if the model asks for that, what
	// these saw. Models with an order of moments have none.
	Saw [][]int32 `json:"saw,omitempty"`
}

// Refutation is a tree. Lemmas come first; then one of the others closes the branch, or splits it.
type Refutation struct {
	Lemmas []Lemma `json:"lemmas,omitempty"`
	// Alone is a transaction whose answers nothing explains, whatever the order: what nobody left so, or what contradicts its own steps.
	Alone *int32 `json:"alone,omitempty"`
	// Versions are two reads of a list, neither of which is the beginning of the other.
	Versions *Versions `json:"versions,omitempty"`
	// Cycle is of transactions each of which comes before the next one.
	Cycle []Edge `json:"cycle,omitempty"`
	// Order are two writers of a key: either came first, and neither could.
	Order *Order `json:"order,omitempty"`
	// Read found what several transactions had left so: any may have been seen, and none could.
	Read *Read `json:"read,omitempty"`
}

// Lemma is that of two writers of a key First came first: else there would be a cycle.
type Lemma struct {
	First  int32  `json:"first"`
	Second int32  `json:"second"`
	Cycle  []Edge `json:"cycle"`
}

// Versions are two reads.
type Versions struct {
	Txns [2]int32 `json:"txns"`
	Key  string   `json:"key"`
}

// Order is a choice of two.
type Order struct {
	First  int32       `json:"first"`
	Second int32       `json:"second"`
	So     *Refutation `json:"so"`    // of the order that First came first
	Other  *Refutation `json:"other"` // of the other one
}

// Read is a choice of the transactions that may have been seen.
type Read struct {
	Txn     int32    `json:"txn"`
	Key     string   `json:"key"`
	Value   string   `json:"value,omitempty"` // what it found, where that need not be what it found first
	Sources []Source `json:"sources"`
}

// Source is one of them.
type Source struct {
	From int32       `json:"from"`
	So   *Refutation `json:"so"`
}

// Reason says why of an edge the one transaction comes before the other.
type Reason string

// The reasons.
const (
	Session   Reason = "session"   // they are of one process, which had the answer of the first
	Realtime  Reason = "realtime"  // the first was answered before the second began
	Saw       Reason = "saw"       // the second read what the first wrote to Key
	Wrote     Reason = "wrote"     // the first wrote Key before the second did: values show it, or a lemma or choice says so
	Overwrote Reason = "overwrote" // the first read Key as Writer left it (-1: as it was at first), and the second wrote it after that
	Outdated  Reason = "outdated"  // both wrote Key; Reader saw the first, by way of Via, and read what the second wrote
)

// Edge is one step of a cycle.
type Edge struct {
	From   int32   `json:"from"`
	To     int32   `json:"to"`
	Why    Reason  `json:"why"`
	Key    string  `json:"key,omitempty"`
	Writer int32   `json:"writer,omitempty"`
	Reader int32   `json:"reader,omitempty"`
	Via    []int32 `json:"via,omitempty"` // transactions between the first and Reader (of overwrote: the second and the first)
}

// Initial is the Writer of what was there before all writes.
const Initial = -1

// ErrNone is what errors match that say that there is no certificate.
var ErrNone = errors.New("there is no certificate")

// most bounds the bytes of a certificate that are read.
const most = 1 << 30

// ReadFrom reads a certificate.
func ReadFrom(r io.Reader) (*Certificate, error) {
	c := &Certificate{}
	d := json.NewDecoder(io.LimitReader(r, most))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("it is no certificate: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is no certificate: there is more behind it")
	}
	if c.Kind != "certificate" || c.Version != Version {
		return nil, fmt.Errorf("it is no certificate of version %d: kind %q, version %d", Version, c.Kind, c.Version)
	}
	if err := c.proofs(); err != nil {
		return nil, err
	}
	return c, nil
}

// proofs reports whether there is one, and no more.
func (c *Certificate) proofs() error {
	n := 0
	for _, is := range []bool{c.Holds != nil, c.Refutation != nil, len(c.Keys) > 0} {
		if is {
			n++
		}
	}
	if n != 1 {
		return errors.New("a certificate has either holds, a refutation, or keys")
	}
	for _, k := range c.Keys {
		if k == nil || k.Holds == nil && (k.Refutation == nil || len(c.Keys) > 1) || k.Holds != nil && k.Refutation != nil || len(k.Keys) > 0 {
			return errors.New("a certificate of keys has one that the model holds for each, or one that it does not for one")
		}
	}
	return nil
}

// Write writes a certificate.
func Write(w io.Writer, c *Certificate) error {
	for _, c := range append([]*Certificate{c}, c.Keys...) {
		c.Version, c.Kind = Version, "certificate"
	}
	return json.NewEncoder(w).Encode(c)
}

// Claim is what the certificate says, in a sentence.
func (c *Certificate) Claim() string {
	given := ""
	if c.Initial != "" {
		given = fmt.Sprintf("if registers held %s at first, ", c.Initial)
	}
	switch {
	case len(c.Keys) > 0 && c.Keys[0].Refutation != nil:
		return fmt.Sprintf("%sunder key %s %s", given, c.Keys[0].Key, c.Keys[0].Claim())
	case len(c.Keys) > 0:
		n := 0
		for _, k := range c.Keys {
			n += k.Holds.transactions()
		}
		return fmt.Sprintf("%sthe history of each of %d keys is %s: orders of %d transactions explain them", given, len(c.Keys), c.Model, n)
	case c.Holds != nil:
		return fmt.Sprintf("%sthe history is %s%s: an order of %d transactions explains it", given, c.Model, c.by("even "), c.Holds.transactions())
	}
	branches, lemmas, shortest := c.Refutation.size()
	text := fmt.Sprintf("%sthe history is not %s%s: ", given, c.Model, c.by("not even "))
	switch {
	case branches > 1:
		return text + fmt.Sprintf("%d cases, each of which contradicts itself", branches)
	case c.Refutation.Alone != nil:
		return text + fmt.Sprintf("nothing explains the answers of transaction %d", *c.Refutation.Alone)
	case c.Refutation.Versions != nil:
		return text + fmt.Sprintf("transactions %d and %d read %s in two orders", c.Refutation.Versions.Txns[0], c.Refutation.Versions.Txns[1], c.Refutation.Versions.Key)
	}
	text += fmt.Sprintf("a cycle of %d transactions", shortest)
	if lemmas > 0 {
		text += fmt.Sprintf(", which rests on the order of %d pairs of writers, each proved by another cycle", lemmas)
	}
	return strings.Replace(text, " 1 pairs", " 1 pair", 1)
}

// by names the model that is proved instead, if it is another one.
func (c *Certificate) by(even string) string {
	if c.By == "" {
		return ""
	}
	return ", " + even + c.By
}

func (h *Holds) transactions() int {
	seen := map[int32]bool{}
	for _, i := range h.Order {
		seen[i] = true
	}
	return len(seen)
}

// size is how many branches a refutation has, how many lemmas, and how long the cycle of the last branch is.
func (r *Refutation) size() (branches, lemmas, cycle int) {
	if r == nil {
		return 0, 0, 0
	}
	lemmas = len(r.Lemmas)
	var kids []*Refutation
	if r.Order != nil {
		kids = append(kids, r.Order.So, r.Order.Other)
	}
	if r.Read != nil {
		for _, s := range r.Read.Sources {
			kids = append(kids, s.So)
		}
	}
	if len(kids) == 0 {
		return 1, lemmas, len(r.Cycle)
	}
	for _, k := range kids {
		b, l, c := k.size()
		branches, lemmas, cycle = branches+b, lemmas+l, c
	}
	return branches, lemmas, cycle
}
