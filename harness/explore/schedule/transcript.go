package schedule

import "slices"

// Transcript is what a few sessions did one after the other.
type Transcript struct {
	Title    string           `json:"title"`
	Sessions []string         `json:"sessions"`
	Lines    []TranscriptLine `json:"lines"`   // in the order of time
	Outcome  string           `json:"outcome"` // what came of it, in a line
}

// TranscriptLine is a statement of one session.
type TranscriptLine struct {
	Session int    `json:"session"` // which of Sessions
	Text    string `json:"text"`    // the statement
	Result  string `json:"result"`  // what it answered; empty: nothing to tell
	Waited  bool   `json:"waited"`  // it waited for a lock
	Until   int    `json:"until"`   // the line at whose end it went on; its own: the server ended the wait
}

// Transcript is what happened, line by line.
func (o *Outcome) Transcript(title, outcome string) Transcript {
	t := Transcript{Title: title, Sessions: o.Sessions(), Outcome: outcome}
	for i := range o.Played {
		p := &o.Played[i]
		t.Lines = append(t.Lines, TranscriptLine{
			Session: slices.Index(t.Sessions, p.Step.Session), Text: p.Text(), Result: p.Result(), Waited: p.Waited, Until: p.Until,
		})
	}
	return t
}
