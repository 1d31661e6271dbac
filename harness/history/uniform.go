package history

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
)

// uniform is a history without a byte order mark, and with Jepsen's line format (history.txt) turned into EDN: a map for each line.
func uniform(from io.Reader) io.Reader {
	br := bufio.NewReaderSize(from, 64<<10)
	if head, _ := br.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		_, _ = br.Discard(len(byteOrderMark)) // it was just seen
	}
	if head, _ := br.Peek(256); jepsenLine.Match(head) {
		return &lineFormat{from: br}
	}
	return br
}

const byteOrderMark = "\ufeff"

// jepsenLine is a line of history.txt: process, type, function, value and, after some, what went wrong, with tabs between them.
var jepsenLine = regexp.MustCompile(`^\s*(\d+|:[\w-]+)\t:(invoke|ok|fail|info)\t:\S+\t`)

// lineFormat reads history.txt as EDN.
type lineFormat struct {
	from *bufio.Reader
	left []byte // of the line under way
	err  error
}

func (l *lineFormat) Read(b []byte) (int, error) {
	for len(l.left) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		var line []byte
		line, l.err = l.from.ReadBytes('\n')
		l.left = asEDN(line)
	}
	n := copy(b, l.left)
	l.left = l.left[n:]
	return n, nil
}

// asEDN is a line as a map. A line that is none of history.txt stays as it is, for the parser to complain of.
func asEDN(line []byte) []byte {
	if !jepsenLine.Match(line) {
		return line
	}
	fields := bytes.SplitN(bytes.TrimRight(line, "\r\n"), []byte("\t"), 5)
	var b bytes.Buffer
	for i, key := range []string{"{:process ", ", :type ", ", :f ", ", :value "} {
		b.WriteString(key)
		b.Write(fields[i])
	}
	b.WriteString("}\n")
	return b.Bytes()
}
