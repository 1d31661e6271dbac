package serial

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Body is what an answer says, as tables: its status; of JSON, each scalar by its path, and each list of things as a table whose
// rows have no order; of anything else, the text.
func Body(client string, status int, body []byte) []Table {
	b := parts{{Name: answerOf + client, Columns: []string{"status"}, Rows: [][]string{{strconv.Itoa(status)}}}}
	v, err := decode(body)
	if err != nil {
		if len(body) > 0 {
			b.add(0, 0, "text", string(body))
		}
		return b
	}
	b.flatten(0, 0, "", v)
	return b
}

// decode reads JSON, and leaves numbers as they are written.
func decode(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err = d.Decode(&v); err == nil && d.More() {
		err = errors.New("more than one value")
	}
	return v, err
}

// Status is what an answer says of which only the status counts.
func Status(client string, status int) []Table { return Body(client, status, nil) }

// parts are the tables of an answer so far.
type parts []Table

func (p *parts) add(table, row int, column, value string) {
	t := &(*p)[table]
	c := slices.Index(t.Columns, column)
	if c < 0 {
		c = len(t.Columns)
		t.Columns = append(t.Columns, column)
		for i := range t.Rows {
			t.Rows[i] = append(t.Rows[i], "")
		}
	}
	t.Rows[row][c] = value
}

// link names a row of a list, or the one that it belongs to.
func (p *parts) link(table, row int, column, list, name string) {
	p.add(table, row, column, name)
	t := &(*p)[table]
	if t.Links == nil {
		t.Links = map[string]string{}
	}
	t.Links[column] = list
}

// flatten adds a value to a row.
func (p *parts) flatten(table, row int, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			p.add(table, row, "body"+path, "{}")
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			p.flatten(table, row, path+"."+name, v[name])
		}
	case []any:
		if len(v) == 0 {
			p.add(table, row, "body"+path, "[]")
			return
		}
		at := p.list((*p)[table].Name + " " + path + "[]")
		const of, link = "of", "item" // which row it belongs to, and which it is
		outer := (*p)[table].Name
		if table > 0 { // what is not in a list is one row
			p.link(table, row, link, outer, strconv.Itoa(row))
		}
		for _, item := range v {
			t := &(*p)[at]
			t.Rows = append(t.Rows, make([]string, len(t.Columns)))
			if table > 0 {
				p.link(at, len(t.Rows)-1, of, outer, strconv.Itoa(row))
			}
			p.flatten(at, len((*p)[at].Rows)-1, "", item)
		}
	default:
		text, err := json.Marshal(v)
		if s, ok := v.(string); ok {
			text = []byte(s)
		} else if err != nil {
			text = fmt.Append(nil, v)
		} else if v == nil {
			text = []byte("\x00null") // "null" is a text
		}
		p.add(table, row, "body"+path, string(text))
	}
}

// list is the table of that name.
func (p *parts) list(name string) int {
	at := slices.IndexFunc(*p, func(t Table) bool { return t.Name == name })
	if at < 0 {
		at = len(*p)
		*p = append(*p, Table{Name: name})
	}
	return at
}
