package history

import (
	"bufio"
	"bytes"
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
	Transactions *Transactions // append, register, predicate
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
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	if rec := streamForeign(f, workload, size); rec != nil {
		return rec, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return readAny(f, path, workload, size)
}

// streamForeign reads a file of transactions of others without holding it, if it is one. Nil: it is not, or something is wrong
// with it.
func streamForeign(f *os.File, workload string, size int64) *Recording {
	from := uniform(f)
	head := make([]byte, 256<<10)
	n, _ := io.ReadFull(from, head) // what is wrong shows again
	head = head[:n]
	if bytes.HasPrefix(head, zstdMagic) || isOwn(head) {
		return nil
	}
	rec := &Recording{Format: JepsenEDN, Workload: workload}
	in := notationOf(head)
	if in == jsn {
		rec.Format = ElleJSON
	}
	if workload == "" {
		rec.Workload, _ = recognise(head, in) // that it ends in the middle shows only where nothing is recognised before
	}
	kind, ok := kindNamed(rec.Workload)
	if !ok {
		return nil
	}
	rec.Transactions = streamTransactions(io.MultiReader(bytes.NewReader(head), from), in, kind, size)
	if rec.Transactions == nil {
		return nil
	}
	rec.Operations = rec.Transactions.Len()
	return rec
}

// ReadAny reads a history of any format, which it recognises by its content: lastseat's own, Jepsen's and Elle's EDN, Jepsen's
// history.txt, elle-cli's JSON, each compressed with zstd or not. name stands for it in errors. workload says what the history holds; empty: that is
// recognised, too. Whatever the bytes, it returns the history that they are or an error, most often an *Error with its line.
func ReadAny(from io.Reader, name, workload string) (*Recording, error) {
	return readAny(from, name, workload, 0)
}

func readAny(from io.Reader, name, workload string, size int64) (*Recording, error) {
	r, packed, closing, err := unpack(from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer closing()
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
	if kind, ok := kindNamed(rec.Workload); ok {
		t, bad := readTransactions(data, in, kind)
		if bad != nil {
			return nil, bad
		}
		rec.Transactions, rec.Operations = t, t.Len()
		return rec, nil
	}
	if rec.Events, rec.Operations, bad = readEvents(data, in); bad != nil {
		return nil, bad
	}
	return rec, nil
}

// kindNamed is the kind of transactions of a workload that consists of them.
func kindNamed(workload string) (Kind, bool) {
	switch workload {
	case "append":
		return Lists, true
	case "register":
		return Registers, true
	case "predicate":
		return Sets, true
	}
	return 0, false
}
