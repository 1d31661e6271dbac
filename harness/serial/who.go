package serial

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// who are the words that stand for a client: each with the client's name.
type who map[string]string

// clientList is what clients are rows of, so to speak: a row or an answer that names one is linked to all that do.
const clientList = "client"

// in reports whether one of the values names a client.
func (w who) in(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		return slices.ContainsFunc(w.split(v), func(t token) bool { return t.shape == client })
	})
}

// split divides a text into words that stand for a client, and what is between them.
func (w who) split(text string) (all []token) {
	from := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !wordly(r) {
			at += size
			continue
		}
		end := at + strings.IndexFunc(text[at:]+" ", func(r rune) bool { return !wordly(r) })
		if w[text[at:end]] != "" {
			if at > from {
				all = append(all, token{plain, text[from:at]})
			}
			all = append(all, token{client, text[at:end]})
			from = end
		}
		at = end
	}
	if from < len(text) {
		all = append(all, token{plain, text[from:]})
	}
	return all
}

// wordly: it does not end a word. UUIDs have hyphens.
func wordly(r rune) bool { return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// tokens divides a text into pieces, of which those that stand for a client count as such where the mask says so.
func (j *Judge) tokens(text string, m *mask, k keys) (all []token) {
	if !m.clients {
		return tokens(text, k)
	}
	for _, t := range j.who.split(text) {
		if t.shape == client {
			all = append(all, t)
		} else {
			all = append(all, tokens(t.text, k)...)
		}
	}
	return all
}
