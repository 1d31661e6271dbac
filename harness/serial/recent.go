package serial

import (
	"strconv"
	"time"
)

// Recent reports whether the tables hold a time that is less than two seconds from now, in whatever zone: what is written within the same
// second might be the same.
func Recent(tables []Table, now time.Time) bool {
	for i := range tables {
		for _, r := range tables[i].Rows {
			for _, v := range r {
				for _, t := range tokens(v, nil) {
					if t.shape == moment && isNear(t.text, now) {
						return true
					}
				}
			}
		}
	}
	return false
}

// near is how far two times may be apart, and zone what zones differ by.
const near, zone = 2 * time.Second, 15 * time.Minute

// isNear reports whether a text is a time near now. One without a day or without seconds is near in doubt.
func isNear(text string, now time.Time) bool {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "20060102150405"} {
		if len(text) >= len(layout) {
			if then, err := time.Parse(layout, text[:len(layout)]); err == nil {
				apart := (now.Sub(then)%zone + zone) % zone
				return now.Sub(then).Abs() < 26*time.Hour && (apart <= near || zone-apart <= near)
			}
		}
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && len(text) >= 10 {
		for ; seconds > 1e11; seconds /= 1000 { // it is in a smaller unit
		}
		return now.Sub(time.Unix(int64(seconds), 0)).Abs() <= near
	}
	return len(text) < len("2006-01-02") // a clock's
}
