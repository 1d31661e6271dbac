package engine

import "testing"

func TestMemAvailable(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:       24683012 kB\nMemFree:        14166284 kB\nMemAvailable:   22848128 kB\n": 22848128 << 10,
		"MemTotal:       24683012 kB\n": 0,
		"MemAvailable:   much\n":        0,
		"":                              0,
	} {
		if got := memAvailable(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
