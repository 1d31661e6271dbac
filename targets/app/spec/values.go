package spec

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/internal/names"
)

// Values are what placeholders stand for.
type Values map[string]string

// ClientValues are the values of a client, counted from 0: in each schedule the same, and each client's its own.
func ClientValues(client int) Values {
	return Values{
		"client": names.Client(client),
		"number": strconv.Itoa(client + 1),
		"id":     ID(int64(client) + 1),
	}
}

// ID is the nth of the values of {id}.
func ID(n int64) string { return fmt.Sprintf("5ea70000-0000-4000-8000-%012d", n) }

// Fill puts values in the places of {names}. A name that is not among them stays as it is. Of several, {pick:red,green}, {int:5,9} and
// {zipf:100}, it is the client's own.
func (v Values) Fill(text string) string {
	return v.fill(text, func(_ string, n int) int {
		number, _ := strconv.Atoi(v["number"])
		return (number - 1) % n
	})
}

// Draw is Fill, with one of several drawn: of {zipf:100}, the first ones more often than the others.
func (v Values) Draw(text string, r *rand.Rand) string {
	return v.fill(text, func(name string, n int) int {
		if name == zipf && n > 1 {
			return int(rand.NewZipf(r, zipfConstant, 1, uint64(n-1)).Uint64()) //nolint:gosec // it is below n
		}
		return r.IntN(n)
	})
}

const (
	zipf         = "zipf"
	zipfConstant = 1.1
)

// fill asks choose for one of n.
func (v Values) fill(text string, choose func(name string, n int) int) string {
	from, to := next(text, 0)
	if to == 0 {
		return text
	}
	var b strings.Builder
	written := 0
	for ; to > 0; from, to = next(text, to) {
		b.WriteString(text[written:from])
		b.WriteString(v.value(text[from:to], choose))
		written = to
	}
	b.WriteString(text[written:])
	return b.String()
}

// value is what stands for a placeholder.
func (v Values) value(p string, choose func(name string, n int) int) string {
	name, args, several := strings.Cut(p[1:len(p)-1], ":")
	if !several {
		if value, known := v[name]; known {
			return value
		}
		return p
	}
	choices := strings.Split(args, ",")
	switch name {
	case "int": // all of these were checked when the file was read
		low, high, _ := bounds(choices)
		return strconv.Itoa(low + choose(name, high-low+1))
	case zipf:
		n, _ := strconv.Atoi(args)
		return strconv.Itoa(1 + choose(name, n))
	}
	return strings.TrimSpace(choices[choose(name, len(choices))])
}

// next is where the next placeholder is in a text, at or behind a place: a word in braces, and perhaps a colon and anything but braces;
// to is 0: there is none.
func next(text string, at int) (from, to int) {
	for ; at < len(text); at++ {
		if text[at] != '{' {
			continue
		}
		end := at + 1
		for end < len(text) && text[end] >= 'a' && text[end] <= 'z' {
			end++
		}
		if end > at+1 && end < len(text) && text[end] == ':' {
			if length := strings.IndexAny(text[end:], "{}"); length > 0 {
				end += length
			}
		}
		if end > at+1 && end < len(text) && text[end] == '}' {
			return at, end + 1
		}
	}
	return 0, 0
}
