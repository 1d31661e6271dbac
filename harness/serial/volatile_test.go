package serial

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// What may differ between serial executions, and what may not.

// TestVolatile: what has the shape of a time, a token or a key may be another one in each execution, but not what was there before, nor
// something without that shape.
func TestVolatile(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for name, value := range map[string]func(int) string{
		"timestamp":           func(id int) string { return at(id).Format("2006-01-02 15:04:05") },
		"timestamp of a zone": func(id int) string { return at(id).Format("2006-01-02 15:04:05.000123+02") },
		"ISO":                 func(id int) string { return at(id).Format("2006-01-02T15:04:05.000Z") },
		"date of JavaScript": func(id int) string {
			return at(id).Format("Mon Jan 02 2006 15:04:05 GMT+0000 (Coordinated Universal Time)")
		},
		"date of HTTP":           func(id int) string { return at(id).Format("Mon, 02 Jan 2006 15:04:05 GMT") },
		"date of a locale":       func(id int) string { return at(id).Format("1/2/2006, 3:04:05 PM") },
		"date of another locale": func(id int) string { return at(id).Format("2.1.2006 15:04") },
		"without separators":     func(id int) string { return at(id).Format("20060102150405") },
		"clock":                  func(id int) string { return at(60 * id).Format("15:04") },
		"milliseconds":           func(id int) string { return fmt.Sprint(at(id).UnixMilli()) },
		"seconds with a part":    func(id int) string { return fmt.Sprintf("%d.25", at(id).Unix()) },
		"UUID":                   func(id int) string { return fmt.Sprintf("0b8e6e8e-52a5-4ed3-9b0a-%012x", id) },
		"UUID in binary":         func(id int) string { return fmt.Sprintf("0x%x", hash(id, 16)) },
		"bytea":                  func(id int) string { return fmt.Sprintf(`\x%x`, hash(id, 16)) },
		"nanoid":                 func(id int) string { return fmt.Sprintf("V1StGXR8_Z5jdHi6B-%d", id) },
		"base64": func(id int) string {
			text := []byte("qL+8/Zk")
			for _, b := range hash(id, 16) {
				text = append(text, alphabet[b%64])
			}
			return string(text) + "1=="
		},
		"base64 without any digits": func(id int) string {
			return fmt.Sprintf("qLXaTkpwQZ/yJr%c%c%cvXWmU==", 'a'+id%10, 'A'+id/10%10, 'a'+id/100%10)
		},
		"base64 without digits": func(id int) string {
			if id > 9_000_000 && id < 9_000_200 { // in one of the serial executions only
				return fmt.Sprintf("qLXaTkpwQZbyJr%c%cvWmU==", 'a'+id%10, 'A'+id/10%10)
			}
			return fmt.Sprintf("qLXaTkpwQZ%dyJrvWmU==", id%9973)
		},
		"key":                func(id int) string { return fmt.Sprint(id) },
		"key in a word":      func(id int) string { return fmt.Sprintf("order-%d-confirmation", id) },
		"key with zeros":     func(id int) string { return fmt.Sprintf("NR%012d", id) },
		"key in a path":      func(id int) string { return fmt.Sprintf("/api/notes/%d/lines", id) },
		"key in JSON":        func(id int) string { return fmt.Sprintf(`{"note": %d, "tags": ["x"]}`, id) },
		"key and time":       func(id int) string { return fmt.Sprintf("%d at %s", id, at(id).Format(time.RFC3339)) },
		"token in a setting": func(id int) string { return fmt.Sprintf(`{"token": "%x", "tries": 3}`, hash(id, 12)) },
	} {
		t.Run(name, func(t *testing.T) {
			old := value(5)
			n := &note{
				seed:  [][]string{{"5", "old", old}},
				value: func(id int, _ string) string { return value(id) },
				body:  func(id int, _ string) string { return fmt.Sprintf(`{"value": %q}`, value(id)) },
			}
			j, err := n.learned()
			if err != nil {
				t.Fatal(err)
			}
			if got := j.Judge(n.outcome([]int{0, 1}, 12_345_678, nil)); got != Fits {
				t.Errorf("other values: %v, want that they fit", got)
			}
			for what, edit := range map[string]func(o *Outcome){
				"a value of the seed":    func(o *Outcome) { o.Tables[0].Rows[1][2] = old },
				"the seed's was changed": func(o *Outcome) { o.Tables[0].Rows[0][2] = value(12_345_678) },
				"something else":         func(o *Outcome) { o.Tables[0].Rows[1][2] = "none" },
				"nothing":                func(o *Outcome) { o.Tables[0].Rows[1][2] = "\x00NULL" },
				"two in one":             func(o *Outcome) { o.Tables[0].Rows[1][2] += " " + value(12_345_678) },
			} {
				if got := j.Judge(n.outcome([]int{0, 1}, 12_345_678, edit)); got != Violation {
					t.Errorf("%s: %v, want a violation", what, got)
				}
			}
		})
	}
}

// TestStable: anything else is compared as it is, and a program whose serial executions differ in it is not deterministic.
func TestStable(t *testing.T) {
	for name, values := range map[string][2]string{
		"DECIMAL": {"10.50", "10.51"}, "enum": {"paid", "new"}, "boolean": {"t", "f"}, "NULL": {"\x00NULL", "NULL"}, "small number": {"3", "4"},
		"JSON": {`{"a": 1}`, `{"a": 2}`}, "list": {"{1,2}", "{2,1}"}, "word": {"confirmation_sent", "confirmation_lost"}, "path": {"/api/orders/of/2", "/api/orders/of/3"},
		"zeros": {"0.00", "0.0"}, "bytes": {"0x01", "0x02"}, "empty": {"", " "},
	} {
		t.Run(name, func(t *testing.T) {
			n := &note{value: func(int, string) string { return values[0] }}
			j, err := n.learned()
			if err != nil {
				t.Fatal(err)
			}
			if got := j.Judge(n.outcome([]int{1, 0}, 12_345_678, nil)); got != Fits {
				t.Errorf("the same: %v, want that it fits", got)
			}
			if got := j.Judge(n.outcome([]int{1, 0}, 12_345_678, func(o *Outcome) { o.Tables[0].Rows[0][2] = values[1] })); got != Violation {
				t.Errorf("another: %v, want a violation", got)
			}
			n.value = func(id int, _ string) string { return values[min(1, id/9_000_000)] }
			var differ *DifferError
			if _, err := n.learned(); !errors.As(err, &differ) || differ.Column.String() != "notes.value" {
				t.Errorf("between serial executions: %v, want that notes.value differs", err)
			}
			if _, err := n.learned("notes.value"); err != nil {
				t.Errorf("ignored: %v", err)
			}
		})
	}
}

// TestNeverOfTheSeed: a program that writes a time on its first run only keeps something in memory. It is not deterministic.
func TestNeverOfTheSeed(t *testing.T) {
	const old = "2020-01-01 00:00:00"
	n := &note{value: func(int, string) string { return "x" }, seed: [][]string{{"5", "old", old}}}
	j, err := New(n.start(), nil)
	if err != nil {
		t.Fatal(err)
	}
	touched := func(o *Outcome) { o.Tables[0].Rows[0] = []string{"5", "old", "2026-11-28 16:00:00"} }
	var differ *DifferError
	if err := errors.Join(j.Add([]int{0}, n.outcome([]int{0}, 1_000_003, touched)), j.Add([]int{0}, n.outcome([]int{0}, 9_000_000, nil))); !errors.As(err, &differ) || len(differ.A) == 0 {
		t.Errorf("%v, want that it is not deterministic, with what was there", err)
	}
}
