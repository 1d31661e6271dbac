package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Header is a history file's first line: what was run, and where. It holds what it is given: no DSN belongs in it.
type Header struct {
	Label  harness.Label
	Seed   uint64
	Counts bool   // operations were counted, not recorded
	Model  string // the isolation model that was promised; empty: none was
	Server store.ServerInfo
	Config map[string]string // the row's settings: the flag's name and its value as on the command line
	Start  harness.State     // without Entries: a journal starts empty
}

type jsonHeader struct {
	Lastseat string            `json:"lastseat"`
	Version  int               `json:"version"`
	Label    harness.Label     `json:"label"`
	Seed     uint64            `json:"seed"`
	Counts   bool              `json:"counts,omitempty"`
	Model    string            `json:"model,omitempty"`
	Server   store.ServerInfo  `json:"server"`
	Config   map[string]string `json:"config"`
	Start    jsonStart         `json:"start"`
}

type jsonStart struct {
	Groups   []jsonGroup `json:"groups"`
	Journal  string      `json:"journal"`
	Values   []int64     `json:"values"`
	Versions []int64     `json:"versions,omitempty"`
}

// jsonGroup is a harness.Group.
type jsonGroup struct {
	Table  string          `json:"table"`
	Column string          `json:"column"`
	First  harness.Cell    `json:"first"`
	Len    int             `json:"len"`
	Holds  harness.Content `json:"holds,omitempty"`
	Claims string          `json:"claims,omitempty"`
}

const format = "history"

// appendHeader appends the header's line, without its end.
func appendHeader(b []byte, h *Header) ([]byte, error) {
	if len(h.Start.Entries) > 0 {
		return b, errors.New("the start state has journal entries")
	}
	doc := jsonHeader{
		Lastseat: format, Version: version, Label: h.Label, Seed: h.Seed, Counts: h.Counts, Model: h.Model, Server: h.Server, Config: h.Config,
		Start: jsonStart{
			Groups: make([]jsonGroup, len(h.Start.Groups)), Journal: h.Start.Journal,
			Values: append([]int64{}, h.Start.Values...), Versions: h.Start.Versions,
		},
	}
	for i, g := range h.Start.Groups {
		doc.Start.Groups[i] = jsonGroup(g)
	}
	doc.Server.Settings = append([]store.Setting{}, h.Server.Settings...)
	if doc.Config == nil {
		doc.Config = map[string]string{}
	}
	if err := doc.Start.check(); err != nil {
		return b, err
	}
	return appendJSON(b, doc)
}

// appendJSON appends v as encoding/json writes it, but leaves < > & as they are.
func appendJSON(b []byte, v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return b, err
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...), nil
}

// readHeader reads the first line.
func readHeader(line []byte) (Header, error) {
	var kind struct {
		Lastseat string `json:"lastseat"`
		Version  int    `json:"version"`
	}
	const want = `not a lastseat history: expected {"lastseat":"` + format + `",…}`
	if err := json.Unmarshal(line, &kind); err != nil {
		return Header{}, fmt.Errorf("%s: %w", want, err)
	}
	if kind.Lastseat != format {
		return Header{}, errors.New(want)
	}
	if kind.Version != version {
		return Header{}, fmt.Errorf("version %d of the format: this lastseat reads version %d", kind.Version, version)
	}
	var doc jsonHeader
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return Header{}, fmt.Errorf("header: %w", err)
	}
	if err := doc.Start.check(); err != nil {
		return Header{}, fmt.Errorf("header: %w", err)
	}
	h := Header{
		Label: doc.Label, Seed: doc.Seed, Counts: doc.Counts, Model: doc.Model, Server: doc.Server, Config: doc.Config,
		Start: harness.State{Journal: doc.Start.Journal, Values: doc.Start.Values, Versions: doc.Start.Versions},
	}
	for _, g := range doc.Start.Groups {
		h.Start.Groups = append(h.Start.Groups, harness.Group(g))
	}
	return h, nil
}

// check says what is wrong with the start state.
func (s *jsonStart) check() error {
	n := len(s.Values)
	if s.Versions != nil && len(s.Versions) != n {
		return fmt.Errorf("start: %d values but %d versions", n, len(s.Versions))
	}
	for _, g := range s.Groups {
		if !g.Holds.Known() {
			return fmt.Errorf("start: group %q holds %q: expected registers, lists or rows, or no such key", g.Table, g.Holds)
		}
		if g.First < 0 || g.Len < 0 || int(g.First) > n || g.Len > n-int(g.First) {
			return fmt.Errorf("start: group %q has %d cells from %d, but there are %d values", g.Table, g.Len, g.First, n)
		}
	}
	return nil
}
