package reports

import (
	"errors"
	"io"

	"github.com/lastseat/lastseat/harness/isolation"
)

const replayVersion = 1

type replayDocument struct {
	Version     int              `json:"version"`
	Kind        Kind             `json:"kind"`
	Interrupted bool             `json:"interrupted"`
	Error       string           `json:"error"` // on some target it could not be played
	Plays       []isolation.Play `json:"plays"`
}

// ReplayJSON writes what came of a schedule as one document.
func ReplayJSON(w io.Writer, r *isolation.Replay) error {
	doc := replayDocument{Version: replayVersion, Kind: ReplayKind, Interrupted: r.Interrupted, Plays: list(r.Plays)}
	if r.Err != nil {
		doc.Error = r.Err.Error()
	}
	return writeJSON(w, doc)
}

// ReadReplayJSON reads what ReplayJSON wrote.
func ReadReplayJSON(text []byte) (*isolation.Replay, error) {
	var doc replayDocument
	if err := readJSON(text, replayVersion, &doc); err != nil {
		return nil, err
	}
	r := &isolation.Replay{Plays: doc.Plays, Interrupted: doc.Interrupted}
	if doc.Error != "" {
		r.Err = errors.New(doc.Error)
	}
	return r, nil
}
