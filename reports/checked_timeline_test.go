package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/recheck"
)

// notLinearizable is a register of which a read found what had been overwritten, while an operation of unknown outcome went on.
const notLinearizable = `{:type :invoke, :process 0, :f :write, :value [7 1]}
{:type :ok, :process 0, :f :write, :value [7 1]}
{:type :invoke, :process 3, :f :write, :value [7 9]}
{:type :invoke, :process 1, :f :write, :value [7 2]}
{:type :invoke, :process 0, :f :read, :value [7 nil]}
{:type :ok, :process 0, :f :read, :value [7 2]}
{:type :ok, :process 1, :f :write, :value [7 2]}
{:type :invoke, :process 2, :f :read, :value [7 nil]}
{:type :invoke, :process 0, :f :write, :value [8 5]}
{:type :ok, :process 0, :f :write, :value [8 5]}
{:type :ok, :process 2, :f :read, :value [7 1]}
{:type :info, :process 3, :f :write, :value [7 9]}
`

// TestTimeline: what is not linearizable is drawn with the operations that show it marked, those beside them, and none of other keys.
func TestTimeline(t *testing.T) {
	rec, err := history.ReadAny(strings.NewReader(notLinearizable), "h.edn", "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := recheck.Recording(t.Context(), "h.edn", rec, &recheck.Options{})
	if err != nil || len(res.Witnesses) != 1 || res.Witnesses[0].Timeline == nil {
		t.Fatalf("%+v %v", res, err)
	}
	marked := map[string]bool{}
	for _, op := range res.Witnesses[0].Timeline.Operations {
		marked[op.Text] = op.Shows
	}
	if len(marked) != 5 || !marked["read 1"] || marked["write 9"] {
		t.Errorf("%v", marked)
	}
	for _, form := range CheckedFormats() {
		if form.Flag != "html" && form.Flag != "svg" {
			continue
		}
		var b bytes.Buffer
		files := []recheck.Result{res}
		if form.Empty != nil && form.Empty(files) {
			t.Errorf("%s has nothing to draw", form.Flag)
		}
		if err := form.Write(&b, files); err != nil {
			t.Fatal(err)
		}
		golden(t, "timeline."+form.Ext, b.String())
	}
}
