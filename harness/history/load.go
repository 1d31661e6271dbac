package history

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Recording is a history that was read, whoever recorded it.
type Recording struct {
	Format     string // Lastseat, JepsenEDN or ElleJSON
	Workload   string // what its clients did: append, register, predicate, bank, …; of lastseat's own its label has it
	Operations int    // of clients, an invocation and its answer together

	// One of these is there, if there are operations.
	Lastseat     *File
	Transactions *Transactions // append, register, mixed, predicate
	Keyed        []Keyed       // the same, of many keys that have nothing to do with each other
	Events       []Event       // all others; a nemesis's operations are left out
}

// The formats.
const (
	Lastseat  = "lastseat"
	JepsenEDN = "jepsen-edn"
	ElleJSON  = "elle-json"
)

// Load reads a history of any format, compressed or not: see ReadAny.
func Load(path, workload string) (*Recording, error) {
	return LoadTold(context.Background(), path, workload, nil)
}

// LoadTold is Load until ctx ends, and tells how many bytes of the file were read; nil: nobody.
func LoadTold(ctx context.Context, path, workload string, told func(read, size int64)) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return readAny(newSource(ctx, f, told), path, workload)
}

// streamForeign reads transactions of others without holding what is read, if it is such a history. Nil: it is not, or something
// is wrong with it. The error is there where reading once more would only lead to it again.
func streamForeign(s *source, name, workload string) (*Recording, error) {
	r, packed, closing, err := unpack(s)
	if err != nil {
		return nil, nil
	}
	defer closing()
	from := uniform(r)
	head := make([]byte, 256<<10)
	n, _ := io.ReadFull(from, head) // what is wrong shows again
	head = head[:n]
	if isOwn(head) {
		return nil, nil
	}
	rec := &Recording{Format: JepsenEDN, Workload: workload}
	in := notationOf(head)
	if in == jsn {
		rec.Format = ElleJSON
	}
	if workload == "" {
		rec.Workload, _ = recognise(head, in) // that it ends in the middle shows only where nothing is recognised before
	}
	may, ok := mayHold(rec.Workload, workload != "")
	if !ok {
		return nil, nil
	}
	size := func() int64 { return s.size }
	if b, ok := r.(*bounded); ok && packed {
		size = func() int64 { return b.expected(s.size) }
	}
	piece := pieceSize
	if n < cap(head) { // head is the whole file: a piece has room for it, and shows that it ends
		piece = n + 1
	}
	rec.Transactions = streamTransactions(io.MultiReader(bytes.NewReader(head), from), in, may, size, piece)
	switch b, ok := r.(*bounded); {
	case rec.Transactions != nil:
		rec.transactions(workload)
		return rec, nil
	case ok && b.inflates != nil:
		return nil, &Error{name, 1 + b.lines, b.inflates}
	}
	return nil, nil
}

// ReadAny reads a history of any format, which it recognises by its content: lastseat's own, Jepsen's and Elle's EDN, Jepsen's
// history.txt, elle-cli's JSON, each compressed with zstd or gzip or not. name stands for it in errors. workload says what the history holds; empty: that is
// recognised, too. Whatever the bytes, it returns the history that they are or an error, most often an *Error with its line.
func ReadAny(from io.Reader, name, workload string) (*Recording, error) {
	return readAny(newSource(context.Background(), from, nil), name, workload)
}

func readAny(s *source, name, workload string) (*Recording, error) {
	defer s.close()
	if rec, err := streamForeign(s, name, workload); rec != nil || err != nil {
		return rec, err
	}
	if err := s.again(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return readWhole(s, name, workload)
}

// readWhole reads a history of others into memory, one of lastseat's own line by line.
func readWhole(s *source, name, workload string) (*Recording, error) {
	r, packed, closing, err := unpack(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer closing()
	size := s.size
	if packed {
		size = 0
	}
	br := bufio.NewReaderSize(uniform(r), 64<<10)
	head, err := br.Peek(64 << 10)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if isOwn(head) {
		file, err := readLines(br, name)
		if err != nil {
			return nil, err
		}
		if own := file.Header.Label.Workload; workload != "" && workload != own {
			return nil, &Error{name, 1, fmt.Errorf("--workload is %s, but this history is one of lastseat's own and says that it holds %s", workload, own)}
		}
		return &Recording{Format: Lastseat, Workload: file.Header.Label.Workload, Operations: file.History.Len(), Lastseat: file}, nil
	}
	if bad := beginsWell(head); bad != nil { // before all of it is held
		return nil, &Error{name, lineAt(head, bad.at), bad}
	}
	var data bytes.Buffer
	data.Grow(int(min(size, 1<<36)) + bytes.MinRead)
	if _, err := data.ReadFrom(br); err != nil {
		return nil, &Error{name, lineAt(data.Bytes(), data.Len()), err}
	}
	rec, bad := readForeign(data.Bytes(), workload)
	if bad != nil {
		return nil, &Error{name, lineAt(data.Bytes(), bad.at), bad}
	}
	return rec, nil
}

// isOwn reports whether a file begins as lastseat's own do.
func isOwn(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return len(line) > 0 && line[0] == '{' && bytes.Contains(line, []byte(`"lastseat"`))
}

// notationOf tells JSON from EDN: the keys of an object are strings. What cannot be read is neither, and passes for EDN.
func notationOf(data []byte) notation {
	in := edn
	_ = parse(func() { // reading it says what is wrong
		p := parser{data: data}
		c := p.peek()
		if c == '[' {
			p.at++
			c = p.peek()
		}
		if c != '{' {
			return
		}
		p.at++
		if p.peek() == '"' && !bytes.Contains(data[:min(len(data), 200)], []byte(":type")) {
			in = jsn
		}
	})
	return in
}

// beginsWell looks at the beginning of a file, which may be that of a history of others. Comments come later.
func beginsWell(head []byte) *unexpected {
	return parse(func() {
		p := parser{data: head, in: notationOf(head)}
		for p.at < len(head) && bytes.IndexByte([]byte(" \n\t\r,\f\v"), head[p.at]) >= 0 {
			p.at++
		}
		if p.at < len(head) && bytes.IndexByte([]byte("{[(#;"), head[p.at]) < 0 {
			p.want(`a history: lastseat's own, a map {:type :invoke, …} a line or in a vector (Jepsen), or [{"type":"invoke",…}] (elle-cli)`)
		}
	})
}

// readForeign reads Jepsen's and Elle's histories.
func readForeign(data []byte, workload string) (*Recording, *unexpected) {
	rec := &Recording{Format: JepsenEDN, Workload: workload}
	in := notationOf(data)
	bad := parse(func() {
		p := parser{data: data, in: in}
		p.peek()
	})
	if bad != nil {
		return nil, bad
	}
	if in == jsn {
		rec.Format = ElleJSON
	}
	if workload == "" {
		if rec.Workload, bad = recognise(data, in); bad != nil || rec.Workload == "" {
			return rec, bad
		}
	}
	if !slices.Contains(Workloads(), rec.Workload) {
		return nil, &unexpected{0, fmt.Sprintf("%s is a workload of lastseat's own, and this is another's history: expected one of %s", rec.Workload, strings.Join(Workloads(), ", "))}
	}
	if may, ok := mayHold(rec.Workload, workload != ""); ok {
		if isKeyed(data, in) {
			rec.Keyed, bad = readKeyed(data, in, may)
			rec.keyed(workload)
			return rec, bad
		}
		if rec.Transactions, bad = readTransactions(data, in, may); bad != nil {
			return nil, bad
		}
		rec.transactions(workload)
		return rec, nil
	}
	if rec.Events, rec.Operations, bad = readEvents(data, in); bad != nil {
		return nil, bad
	}
	return rec, nil
}

// transactions notes what was read: unless it was named, the workload is what all transactions together did.
func (rec *Recording) transactions(named string) {
	rec.Operations = rec.Transactions.Len()
	if named == "" {
		rec.Workload = rec.Transactions.Workload()
	}
}
