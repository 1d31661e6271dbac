package runfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"
)

// Print writes the flags as a file: what was set, by the command line or a file, as keys; the others, with what they are then, as comments.
// What may hold a password is left out.
func Print(w io.Writer, flags *pflag.FlagSet) error {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if slices.Contains(notInFiles, f.Name) {
			return
		}
		text, secret := line(f)
		switch {
		case secret:
			fmt.Fprintf(&b, "# %s: not printed, since it may hold a password\n", f.Name)
		case f.Changed:
			b.WriteString(text)
		default:
			b.WriteString("# " + text)
		}
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// line is the flag as a line of a file.
func line(f *pflag.Flag) (text string, secret bool) {
	value := f.Value.String()
	shown := plain(f.Value.Type(), value)
	if isList(f) {
		all := []any{}
		listed, err := csv.NewReader(strings.NewReader(strings.TrimSuffix(strings.TrimPrefix(value, "["), "]"))).Read()
		if err != nil {
			listed = nil // it is empty
		}
		for _, v := range listed {
			all = append(all, plain(f.Value.Type(), v))
		}
		shown = all
	}
	if f.Changed && maySecret(f.Name, value) {
		return "", true
	}
	encoded, err := yaml.MarshalWithOptions(map[string]any{f.Name: shown}, yaml.Flow(true))
	if err != nil { // what is text and lists of it can be written
		return fmt.Sprintf("# %s: %v\n", f.Name, err), false
	}
	line := strings.TrimSpace(string(encoded))
	return strings.TrimSuffix(strings.TrimPrefix(line, "{"), "}") + "\n", false
}

// maySecret reports whether a flag's value may hold a password: a DSN does.
func maySecret(name, value string) bool {
	return slices.Contains([]string{"dsn", "redis", "zookeeper", "etcd"}, name) || strings.Contains(value, "://") || strings.Contains(value, "@tcp(") || strings.Contains(value, "password")
}

// number is text that YAML writes as it is, whatever it looks like.
type number string

// MarshalYAML leaves the text as it is.
func (n number) MarshalYAML() ([]byte, error) { return []byte(n), nil }

// plain is a value that is quoted only where it is text.
func plain(kind, value string) any {
	if strings.HasPrefix(kind, "string") {
		return value
	}
	if v, err := strconv.ParseFloat(value, 64); err == nil && kind == "float64Slice" {
		value = strconv.FormatFloat(v, 'f', -1, 64) // pflag writes zeros behind it
	}
	return number(value)
}
