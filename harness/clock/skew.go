package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Skew is a clock that is wrong on purpose: how a process's clock would show what another one shows. The zero value is right.
type Skew struct {
	Offset time.Duration // what it shows more from the beginning
	PPM    int64         // how many millionths it runs faster; below 0: slower
	At     time.Duration // when it jumps, by a right clock
	Step   time.Duration // by how much; 0: it does not
}

// Read is what the clock shows when a right one shows now.
func (s Skew) Read(now int64) int64 {
	shown := now + int64(s.Offset) + now/1_000_000*s.PPM + now%1_000_000*s.PPM/1_000_000
	if s.Step != 0 && now >= int64(s.At) {
		shown += int64(s.Step)
	}
	return shown
}

// ParseSkew reads a clock's faults, in any order, with commas: offset=-3s,ppm=150,step=10s@2s (a jump by 10 s after 2 s).
func ParseSkew(text string) (Skew, error) {
	var s Skew
	if text == "" {
		return s, nil
	}
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		var err error
		switch key {
		case "offset":
			s.Offset, err = time.ParseDuration(value)
		case "ppm":
			s.PPM, err = strconv.ParseInt(value, 10, 64)
		case "step":
			by, at, _ := strings.Cut(value, "@")
			if s.Step, err = time.ParseDuration(by); err == nil {
				s.At, err = time.ParseDuration(at)
			}
		default:
			err = fmt.Errorf("no such fault: expected offset, ppm or step")
		}
		if err != nil {
			return Skew{}, fmt.Errorf("clock %q: %q: expected as in offset=-3s,ppm=150,step=10s@2s: %w", text, part, err)
		}
	}
	return s, nil
}
