package spec

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/internal/yamlfile"
)

// reader reads the nodes of a file.
type reader struct{ yamlfile.File }

// field reads the value of a key.
type field func(ast.Node) error

// fields reads a mapping whose keys are known; of names whose it is.
func (r *reader) fields(n ast.Node, of string, known map[string]field) error {
	entries, err := r.Entries(n)
	if err != nil {
		return err
	}
	for _, e := range entries {
		read, ok := known[e.Key]
		if !ok {
			return r.Unknown(e, of, keysOf(known))
		}
		if err := read(e.Value); err != nil {
			return err
		}
	}
	return nil
}

// text reads a text with placeholders.
func (r *reader) text(to *string) field {
	return func(n ast.Node) error {
		if err := r.plain(to)(n); err != nil {
			return err
		}
		return r.placeholders(n, *to)
	}
}

// plain reads a text in which braces mean nothing: SQL.
func (r *reader) plain(to *string) field {
	return func(n ast.Node) error {
		text, ok := yamlfile.Scalar(n)
		if !ok {
			return r.Errorf(n, "one value is expected here; put a text that begins with { or [ in quotes")
		}
		*to = text
		return nil
	}
}

func (r *reader) texts(to *[]string) field {
	return func(n ast.Node) error {
		for _, n := range yamlfile.List(n) {
			var text string
			if err := r.text(&text)(n); err != nil {
				return err
			}
			*to = append(*to, text)
		}
		return nil
	}
}

// conditions reads thresholds.
func (r *reader) conditions(to *[]string) field {
	return func(n ast.Node) error {
		for _, n := range yamlfile.List(n) {
			text, ok := yamlfile.Line(n)
			if !ok {
				return r.Errorf(n, "fail-if: a threshold is expected here, as in 'buy: broken > 1%%'")
			}
			if _, err := threshold.Parse(text); err != nil {
				return r.Errorf(n, "fail-if: %v", err)
			}
			*to = append(*to, text)
		}
		return nil
	}
}

// sources reads SQL, a file of it (*.sql), or a command (run: …).
func (r *reader) sources(to *[]Source) field {
	return func(n ast.Node) error {
		for _, n := range yamlfile.List(n) {
			var s Source
			text, ok := yamlfile.Scalar(n)
			switch {
			case !ok:
				if err := r.fields(n, "setup or seed", map[string]field{"run": r.text(&s.Run)}); err != nil {
					return err
				}
			case strings.HasSuffix(text, ".sql") && !strings.ContainsAny(text, ";\n"):
				s.File = text
			default:
				s.SQL = text
			}
			*to = append(*to, s)
		}
		return nil
	}
}

// pairs are names with texts, which read reads.
func (r *reader) pairs(n ast.Node, read func(*string) field) (all []Variable, err error) {
	entries, err := r.Entries(n)
	for _, e := range entries {
		v := Variable{Name: e.Key}
		if err := read(&v.Value)(e.Value); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, err
}

func (r *reader) variables(to *[]Variable) field {
	return func(n ast.Node) (err error) {
		*to, err = r.pairs(n, r.text)
		return err
	}
}

// fail reads whether something fails.
func (r *reader) fail(to *bool) field {
	return func(n ast.Node) error {
		text, _ := yamlfile.Scalar(n)
		if *to = text == "fail"; !*to && text != "count" {
			return r.Errorf(n, "is %q, must be fail or count", text)
		}
		return nil
	}
}

// count reads a number from 1 on.
func (r *reader) count(to *int) field {
	return func(n ast.Node) (err error) {
		text, _ := yamlfile.Scalar(n)
		if *to, err = strconv.Atoi(text); err != nil || *to < 1 || *to > maxCount {
			return r.Errorf(n, "%q must be a number from 1 to %d", text, maxCount)
		}
		return nil
	}
}

// maxCount bounds copies and weights.
const maxCount = 1000

func (r *reader) duration(to *time.Duration) field {
	return func(n ast.Node) (err error) {
		text, _ := yamlfile.Scalar(n)
		if *to, err = time.ParseDuration(text); err != nil || *to <= 0 {
			return r.Errorf(n, "%q is no time: write it as 20ms", text)
		}
		return nil
	}
}

// matches reads what answers look like: a status, or {status, json, is, text}.
func (r *reader) matches(to *[]Match) field {
	return func(n ast.Node) error {
		for _, n := range yamlfile.List(n) {
			var m Match
			if text, ok := yamlfile.Scalar(n); ok {
				m.Status = text
			} else if err := r.fields(n, "an answer", map[string]field{
				"status": r.text(&m.Status), "json": r.text(&m.JSON), "is": r.text(&m.Is), "text": r.text(&m.Text),
			}); err != nil {
				return err
			}
			*to = append(*to, m)
		}
		return nil
	}
}

// codes checks what answers are told by, which goes by what an operation is.
func (r *reader) codes(n ast.Node, kind Kind) error {
	for _, n := range yamlfile.List(n) {
		var m Match
		if text, ok := yamlfile.Scalar(n); ok {
			m.Status = text
		} else if entries, err := r.Entries(n); err == nil {
			for _, e := range entries {
				if e.Key == "status" {
					m.Status, _ = yamlfile.Scalar(e.Value)
				}
			}
		}
		if c := codes[kind]; m.Status != "" && !c.form.MatchString(m.Status) {
			return r.Errorf(n, "%q is no %s; a text is {text: sold out}%s", m.Status, c.what, c.more)
		}
	}
	return nil
}
