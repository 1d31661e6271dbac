package anomaly

import (
	"slices"
	"strings"
)

// found are the anomalies met so far: how many of each, and what the first ones looked like.
type found struct {
	count map[string]int64
	texts map[string][]string
}

// maxTexts bounds the cases that are put into words, of each anomaly.
const maxTexts = 20

// add counts an anomaly; text puts it into words, if it is among the first.
func (f *found) add(name string, text func() string) {
	if f.count == nil {
		f.count, f.texts = map[string]int64{}, map[string][]string{}
	}
	f.count[name]++
	if len(f.texts[name]) < maxTexts {
		f.texts[name] = append(f.texts[name], text())
	}
}

// merge adds what another has met.
func (f *found) merge(other *found) {
	for name, n := range other.count {
		texts := other.texts[name]
		for _, text := range texts {
			f.add(name, func() string { return text })
		}
		f.count[name] += n - int64(len(texts))
	}
}

// names are the anomalies met, sorted.
func (f *found) names() []string {
	var names []string
	for name := range f.count {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
