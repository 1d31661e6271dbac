package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Exit codes, as lastseat's own.
const (
	exitExpected     = 0
	exitBroken       = 1 // a row was unsafe where safe was promised
	exitSetup        = 2 // a row was stopped by an error, or a run ended as none should
	exitInconclusive = 3
	exitInterrupted  = 130
)

// row is what counts of a row of the JSON: docs/json.md has all of it.
type row struct {
	Workload   string `json:"workload"`
	Target     string `json:"target"`
	Strategy   string `json:"strategy"`
	Isolation  string `json:"isolation"`
	Around     string `json:"env"`
	Fault      string `json:"fault"`
	Verdict    string `json:"verdict"`
	Expected   string `json:"expected"`
	AsExpected bool   `json:"as_expected"`
	Reason     string `json:"reason"`
	Error      string `json:"error"`
	Command    string `json:"command"`
}

// surprise reports whether the row broke a promise; broke, whether an error stopped it.
func (r *row) surprise() bool { return r.Verdict == "unsafe" && !r.AsExpected }
func (r *row) broke() bool    { return r.Error != "" }

func (r *row) String() string {
	name := fmt.Sprintf("%s %s/%s@%s", r.Workload, r.Target, r.Strategy, r.Isolation)
	for _, more := range []string{r.Around, r.Fault} {
		if more != "" {
			name += " " + more
		}
	}
	return name
}

// outcome is what a run showed.
type outcome struct {
	rows    []row
	code    int      // 0, 1 or 2
	reasons []string // what was not as it should be, a sentence each
	rerun   []string // the commands of these rows
}

func (o *outcome) fail(code int, format string, args ...any) {
	o.code = max(o.code, code)
	o.reasons = append(o.reasons, fmt.Sprintf(format, args...))
}

// judge reads what a run wrote, and whether its exit code says the same as its rows. Its rows tell why it ended with 1 or 2.
func judge(folder string, exit int) *outcome {
	o := &outcome{}
	text, err := os.ReadFile(filepath.Join(folder, resultFile))
	var result struct {
		Rows []row `json:"rows"`
	}
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &result)
	}
	if err != nil {
		o.fail(exitSetup, "no JSON to be read: %v", err)
	}
	o.rows = result.Rows
	told := exitExpected
	for i := range o.rows {
		r := &o.rows[i]
		switch {
		case r.broke():
			told = max(told, exitSetup)
			o.fail(exitSetup, "%s: stopped: %s", r, r.Error)
		case r.surprise():
			told = max(told, exitBroken)
			o.fail(exitBroken, "%s: unsafe, and %s was promised: %s", r, promised(r), r.Reason)
		default:
			continue
		}
		if r.Command != "" {
			o.rerun = append(o.rerun, r.Command)
		}
	}
	switch {
	case exit == told, told == exitExpected && exit == exitInconclusive:
	case exit == exitBroken:
		o.fail(exitBroken, "exit code 1, and no row says why")
	default:
		o.fail(exitSetup, "exit code %d, where the rows want %d", exit, told)
	}
	return o
}

// promised is what the row was to be.
func promised(r *row) string {
	if r.Expected == "" {
		return "nothing"
	}
	return r.Expected
}
