package reports

import (
	"encoding/csv"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// CSV writes a line for each row, skipped ones included. Its columns are when the run started, its seed, and each key of a
// JSON row that holds one value, under the same name and in the same unit (docs/json.md); lists of words are joined by
// blanks. Read columns by name: there may come to be more.
func CSV(w io.Writer, r *Result) error {
	w = harness.VisibleWriter(w)
	fields := csvFields()
	header := []string{"started", "seed"}
	for _, f := range fields {
		header = append(header, keyOf(f))
	}
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	started, seed := r.Started.UTC().Format(time.RFC3339), strconv.FormatUint(r.Seed, 10)
	for i := range r.Rows {
		row := reflect.ValueOf(newJSONRow(r, &r.Rows[i]))
		line := []string{started, seed}
		for _, f := range fields {
			line = append(line, csvCell(row.FieldByIndex(f.Index)))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvFields are the fields of a JSON row that fit into a cell.
func csvFields() []reflect.StructField {
	var fields []reflect.StructField
	for _, f := range reflect.VisibleFields(reflect.TypeFor[jsonRow]()) {
		list := f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() != reflect.String
		if !f.Anonymous && !list && f.Type.Kind() != reflect.Pointer {
			fields = append(fields, f)
		}
	}
	return fields
}

// keyOf is a field's name in JSON.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func csvCell(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		return harmless(strings.Join(v.Interface().([]string), " "))
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	}
	return harmless(v.String())
}

// harmless keeps a spreadsheet from taking a text for a formula (OWASP, CSV injection). Numbers are none of its business.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
