package stats

import (
	"encoding/json"
	"time"
)

// MarshalJSON writes the bars: [from, count], nanoseconds.
func (h Histogram) MarshalJSON() ([]byte, error) {
	bars := [][2]int64{}
	for _, b := range h.Bars() {
		bars = append(bars, [2]int64{int64(b.From), b.Count})
	}
	return json.Marshal(bars)
}

// UnmarshalJSON adds what MarshalJSON wrote. All histograms have one precision: none is lost on the way.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var bars [][2]int64
	if err := json.Unmarshal(text, &bars); err != nil {
		return err
	}
	for _, b := range bars {
		h.Add(time.Duration(b[0]), b[1])
	}
	return nil
}
