package explore

import (
	"testing"
	"time"
)

// TestPause: about who may wait the server is asked at once, and often, before it is given time; who should not wait, and who most likely goes on
// now, is given more time than a statement usually takes.
func TestPause(t *testing.T) {
	c := &Crew{}
	for range 100 {
		c.took(time.Hour) // an outlier, again and again
	}
	if c.usual > outlier {
		t.Errorf("usual is %v, more than an outlier counts for", c.usual)
	}
	for range 100 {
		c.took(100 * time.Microsecond)
	}
	acts, over, freed := &client{state: running}, &client{state: done}, &client{state: done, freed: true}
	for _, test := range []struct {
		about          string
		m              *client
		pending, asked int
		wary           bool
		want           time.Duration
	}{
		{"may wait", acts, 1, 0, true, 0},
		{"may wait, asked once", acts, 1, 1, true, 0},
		{"may wait, asked often", acts, 1, 100, true, patience},
		{"should not wait", acts, 1, 0, false, patience},
		{"should not wait, asked once", acts, 1, 1, false, 0},
		{"one may have been freed", freed, 1, 0, false, patience},
		{"two may have been freed", freed, 2, 0, false, 0},
		{"nobody was freed that is known", over, 1, 0, true, 0},
	} {
		if got := c.pause(test.m, test.pending, test.asked, test.wary); got != test.want {
			t.Errorf("%s: %v, want %v", test.about, got, test.want)
		}
	}
	c.usual = patience
	if got := c.pause(acts, 1, 0, false); got != slow*patience {
		t.Errorf("where statements are slow: %v, want %v", got, slow*patience)
	}
}
