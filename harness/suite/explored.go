package suite

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
)

// Explored is what lastseat explore says of one row. docs/explore.md explains the keys.
type Explored struct {
	harness.Label
	Server       string             `json:"server"`  // product and version
	Promise      string             `json:"promise"` // safe or unsafe
	Why          string             `json:"reason"`  // the promise's reason
	Verdict      harness.Verdict    `json:"verdict"` // unsafe, safe, inconclusive, skipped
	AsExpected   bool               `json:"as_expected"`
	Schedules    int                `json:"schedules"`     // how many there are; 0 where that was not found out
	Run          int                `json:"run"`           // how many were run
	Breaking     int                `json:"breaking"`      // of these
	Exhaustive   bool               `json:"exhaustive"`    // there are no other orders of whole statements
	OneAtATime   bool               `json:"one_at_a_time"` // the server never runs two statements at once: Exhaustive is then proof
	Drawn        int                `json:"drawn"`         // of Run, at random
	LockTimeouts int                `json:"lock_timeouts"` // schedules in which a statement was let run into one
	Unsteady     int                `json:"unsteady"`      // given up: they went another way each time they were tried
	Seed         uint64             `json:"seed"`
	Seconds      float64            `json:"seconds"`
	Scenarios    []ExploredScenario `json:"scenarios"`
	Scenario     string             `json:"scenario,omitempty"` // of Shortest
	Shortest     *ExploredSchedule  `json:"shortest"`           // that breaks a rule; null: none does
	Rule         string             `json:"rule,omitempty"`     // that it breaks
	Found        []string           `json:"found,omitempty"`    // what the rule's check says
	Anomaly      string             `json:"anomaly,omitempty"`  // its name
	Meaning      string             `json:"meaning,omitempty"`  // the anomaly in a sentence
	Mends        []string           `json:"mends,omitempty"`    // what would prevent it
	Saved        []string           `json:"saved,omitempty"`    // files that hold the schedule
	Skip         string             `json:"skip,omitempty"`     // why there is no such row
	Error        string             `json:"error,omitempty"`    // what ended the row before its end
}

// ExploredScenario is what came of one scenario.
type ExploredScenario struct {
	About        string  `json:"about"`
	Clients      int     `json:"clients"`
	Schedules    int     `json:"schedules"`
	Run          int     `json:"run"`
	Breaking     int     `json:"breaking"`
	Exhaustive   bool    `json:"exhaustive"`
	Drawn        int     `json:"drawn"`
	Unsteady     int     `json:"unsteady"`
	LockTimeouts int     `json:"lock_timeouts"`
	Seconds      float64 `json:"seconds"`
}

// ExploredSchedule is a schedule, step by step.
type ExploredSchedule struct {
	Preemptions int            `json:"preemptions"`
	Clients     []string       `json:"clients"` // what each does, and how it ended
	Steps       []ExploredStep `json:"steps"`
}

// ExploredStep is a turn of a schedule.
type ExploredStep struct {
	Turn       int    `json:"turn"`                  // counted from 1
	Client     int    `json:"client"`                // counted from 0
	Text       string `json:"text"`                  // the statement
	WaitsUntil int    `json:"waits_until,omitempty"` // it waited for a lock, and went on when this turn was over; its own: the server ended the wait
	Answer     string `json:"answer,omitempty"`
	Error      bool   `json:"error,omitempty"` // the answer is one
}

// Transcript is the schedule with a column a client.
func (s *ExploredSchedule) Transcript() schedule.Transcript {
	t := schedule.Transcript{Sessions: s.Clients}
	for i := range s.Steps {
		step := &s.Steps[i]
		l := schedule.TranscriptLine{Session: step.Client, Text: step.Text, Result: step.Answer, Waited: step.WaitsUntil > 0, Until: step.WaitsUntil - 1}
		if step.Error {
			l.Result = "ERROR " + l.Result
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}
