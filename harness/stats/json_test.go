package stats_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/stats"
)

// TestHistogramTravels: a histogram that was written and read is the one that it was.
func TestHistogramTravels(t *testing.T) {
	var sent, got stats.Histogram
	for d := time.Duration(1); d < time.Minute; d = d*3/2 + 1 {
		sent.Record(d)
		sent.Add(d/2, 3)
	}
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sent.Bars(), got.Bars()) || sent.Quantile(0.99) != got.Quantile(0.99) {
		t.Errorf("sent %v, got %v", sent.Bars(), got.Bars())
	}
	if json.Unmarshal([]byte(`[["x"]]`), &got) == nil {
		t.Error("what is no histogram was read as one")
	}
}
