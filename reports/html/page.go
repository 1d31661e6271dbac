// Package html writes reports as HTML: one file without anything to load and without scripts, for wide and narrow screens, light and dark,
// and for paper. In goes a Page of blocks that says nothing of how it looks, out comes the document. All text is escaped. A newcomer starts
// at Page; the blocks are in blocks.go, those that are drawn in the files named after them.
package html

import (
	"embed"
	"html/template"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

//go:embed page.tmpl style.css
var files embed.FS

// Page is a document.
type Page struct {
	Title  string
	Tone   Tone   // of the answer
	Answer string // what came out, in a sentence
	Facts  []string
	Blocks []Block
}

// Tone is what a thing means to the reader; it is shown by color, and always beside words or signs that say the same.
type Tone string

// The tones.
const (
	Plain Tone = "plain"
	Good  Tone = "good"
	Bad   Tone = "bad"  // and expected to be
	Alarm Tone = "loud" // and not expected to be
	Open  Tone = "open" // not decided
	Faint Tone = "faint"
)

// Write writes the document.
func Write(w io.Writer, p *Page) error {
	t, err := parse()
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(harness.VisibleWriter(w), "page", p)
}

// parse reads the templates. A block is written by the template of its name.
func parse() (*template.Template, error) {
	t := template.New("")
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	t.Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) },
		"write": func(b Block) (template.HTML, error) {
			var out strings.Builder
			err := t.ExecuteTemplate(&out, b.template(), b)
			return template.HTML(out.String()), err //nolint:gosec // a template of this package wrote it
		},
		"add": func(a, b int) int { return a + b },
	})
	return t.ParseFS(files, "page.tmpl")
}
