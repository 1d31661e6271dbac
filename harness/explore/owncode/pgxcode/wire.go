package pgxcode

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/lastseat/lastseat/harness/explore/owncode"
)

// wire is what comes from the server over one connection. A tracer of pgx is not told what rows a statement returned, and so the
// server's messages are overheard (PostgreSQL manual, 54.7): RowDescription, NoData and DataRow.
type wire struct {
	io.Reader

	mu   sync.Mutex
	head []byte // of the message that is coming in: its kind and length
	body []byte // of the message, if it is one of the two
	left int    // bytes of the body that have not come in

	known  map[string][]pgproto3.FieldDescription // of statements that were prepared, by text
	fields []pgproto3.FieldDescription            // of the rows that come next
	rows   [][]byte                               // the first of them
	count  int
}

const (
	headLength     = 5
	rowDescription = 'T'
	dataRow        = 'D'
	noData         = 'n' // of a statement that was prepared: it has no rows
	shownRows      = 3
)

// Read reads for pgx, and overhears.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	for in := p[:n]; len(in) > 0; {
		in = in[w.take(in):]
	}
	return n, err
}

// take takes in the next bytes, and answers how many.
func (w *wire) take(in []byte) int {
	if missing := headLength - len(w.head); missing > 0 {
		n := min(missing, len(in))
		if w.head = append(w.head, in[:n]...); len(w.head) == headLength {
			w.left = int(binary.BigEndian.Uint32(w.head[1:])) - 4
			w.end()
		}
		return n
	}
	n := min(w.left, len(in))
	if kind := w.head[0]; kind == rowDescription || kind == dataRow {
		w.body = append(w.body, in[:n]...)
	}
	w.left -= n
	w.end()
	return n
}

// end takes in a message that is there as a whole.
func (w *wire) end() {
	if w.left > 0 {
		return
	}
	switch w.head[0] {
	case rowDescription:
		var d pgproto3.RowDescription
		if d.Decode(w.body) == nil {
			w.fields = d.Fields
		}
		w.body = nil // the fields' names are in it
	case noData:
		w.fields = nil
	case dataRow:
		if w.count++; w.count <= shownRows {
			w.rows = append(w.rows, append([]byte(nil), w.body...))
		}
	}
	w.head, w.body = w.head[:0], w.body[:0]
}

// expect forgets the rows there were, because those of a statement come next.
func (w *wire) expect(sql string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fields, w.rows, w.count = w.known[sql], nil, 0
}

// described keeps what the rows of a statement look like that was prepared just now, under all texts that it is asked for by.
// When it runs the server does not say it once more, and each column comes in the format that pgx prefers.
func (w *wire) described(m *pgtype.Map, texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.fields {
		w.fields[i].Format = m.FormatCodeForOID(w.fields[i].DataTypeOID)
	}
	for _, sql := range texts {
		w.known[sql] = w.fields
	}
}

// hasRows reports whether the statement answered rows, were it only none.
func (w *wire) hasRows() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.fields) > 0
}

// seen is the rows as text.
func (w *wire) seen(m *pgtype.Map) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == 0 {
		return "no row"
	}
	var texts []string
	for _, body := range w.rows {
		var row pgproto3.DataRow
		if row.Decode(body) == nil {
			texts = append(texts, w.rowText(m, row.Values))
		}
	}
	if w.count > shownRows {
		texts = append(texts, "…", rowCount(int64(w.count)))
	}
	return strings.Join(texts, " ")
}

func (w *wire) rowText(m *pgtype.Map, row [][]byte) string {
	texts := make([]string, len(row))
	for i, v := range row {
		texts[i] = fmt.Sprintf("%d bytes", len(v))
		switch {
		case v == nil:
			texts[i] = owncode.Text(nil)
		case i < len(w.fields):
			if value, err := decoded(m, w.fields[i], v); err == nil {
				texts[i] = owncode.Text(value)
			}
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

func decoded(m *pgtype.Map, f pgproto3.FieldDescription, v []byte) (any, error) {
	t, ok := m.TypeForOID(f.DataTypeOID)
	if !ok {
		return string(v), nil
	}
	return t.Codec.DecodeValue(m, f.DataTypeOID, f.Format, v)
}
