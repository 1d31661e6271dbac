package anomaly

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestDrawings: both forms show every transaction and every reason, and survive any text.
func TestDrawings(t *testing.T) {
	r, err := Judge(t.Context(), parse(t, `ax0[0-1] rx0ax1[2-4] rx0ax2[3-5]`), "")
	if err != nil {
		t.Fatal(err)
	}
	odd := *r.Witnesses[0].Cycle
	odd.Texts = []string{"append \"x\" \\ <&>\x01 ]]>", strings.Repeat("long ", 90)}
	witnesses := slices.Concat(r.Witnesses, []Witness{{Anomaly: "G0 <script>", Cycle: &odd}, {Anomaly: "internal", Text: "no cycle"}})
	var svg, dot bytes.Buffer
	if err := errors.Join(SVG(&svg, witnesses), DOT(&dot, witnesses)); err != nil {
		t.Fatal(err)
	}
	texts := ""
	for dec := xml.NewDecoder(&svg); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			texts += string(data)
		}
	}
	for _, want := range []string{"G2-item", "A = T4 (process 0)", "read x [0], append x 1", "rw: A read x as of 0", "rw: B read x as of 0", "G0 <script>"} {
		if !strings.Contains(texts, want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
	for _, want := range []string{`label="G2-item"`, `c0_0 -> c0_1 [label="rw"]`, `c0_1 -> c0_0 [label="rw"]`, `append \"x\" \\ <&>`} {
		if !strings.Contains(dot.String(), want) {
			t.Errorf("the graph does not say %q:\n%s", want, dot.String())
		}
	}
}

// TestManyCycles: a picture has a sensible size however many cycles there are, and says how many it leaves out.
func TestManyCycles(t *testing.T) {
	r, err := Judge(t.Context(), parse(t, `ax0[0-1] rx0ax1[2-4] rx0ax2[3-5]`), "")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := SVG(&b, slices.Repeat(r.Witnesses, 500)); err != nil {
		t.Fatal(err)
	}
	var picture struct {
		Height int `xml:"height,attr"`
	}
	if err := xml.Unmarshal(b.Bytes(), &picture); err != nil || picture.Height < 2000 || picture.Height > 6000 {
		t.Errorf("500 cycles make a picture %d high: %v", picture.Height, err)
	}
	if !strings.Contains(b.String(), "more are not drawn") {
		t.Error("it does not say that there are more")
	}
}
