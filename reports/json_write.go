package reports

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"

	"github.com/lastseat/lastseat/harness"
)

// Kind is which of lastseat's commands wrote a document of JSON.
type Kind string

// The kinds.
const (
	RunKind       Kind = "run"
	ExploreKind   Kind = "explore"
	IsolationKind Kind = "isolation"
	CheckKind     Kind = "check"
	ReplayKind    Kind = "replay"
	ProgramKind   Kind = "program"
	RoundsKind    Kind = "program-load"
	CompareKind   Kind = "compare"
	TraceKind     Kind = "trace"
	OrdersKind    Kind = "orders"
)

// numbers are a list of numbers as an indented document has it. No text has a line end in it.
var numbers = regexp.MustCompile(`\[\n\s+-?[0-9][0-9.eE+-]*(,\n\s+-?[0-9][0-9.eE+-]*)*\n\s+\]`)

// writeJSON writes a document for programs that people can read too: indented, a list of numbers on one line.
func writeJSON(w io.Writer, doc any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	text := numbers.ReplaceAllFunc(b.Bytes(), func(list []byte) []byte { return bytes.Join(bytes.Fields(list), nil) })
	_, err := harness.VisibleWriter(w).Write(text)
	return err
}
