package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// zstdMagic begins a zstd frame (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// gzipMagic begins a gzip member that is deflated (RFC 1952, section 2.3.1).
var gzipMagic = []byte{0x1f, 0x8b, 8}

// isPacked reports whether a file that begins so is compressed.
func isPacked(head []byte) bool {
	return bytes.HasPrefix(head, zstdMagic) || bytes.HasPrefix(head, gzipMagic)
}

// usualRatio is how many bytes of text a compressed one gives as a rule.
const usualRatio = 10

// TextSize is about how many bytes of text a file holds, or as many as there can be where it does not say so before it is read. Of a file
// that cannot be read it is 0.
func TextSize(path string) int64 {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return 0
	case !info.Mode().IsRegular():
		return math.MaxInt32
	}
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close() //nolint:errcheck // it was only read
	magic := make([]byte, len(zstdMagic))
	n, _ := io.ReadFull(f, magic) // what is wrong shows again
	if isPacked(magic[:n]) {
		return usualRatio * info.Size()
	}
	return info.Size()
}

// Limits of what decompresses. Histories shrink to a tenth, to a fiftieth at most; a few bytes that become gigabytes are an accident or
// an attack. What was decompressed by other means is read whatever its size: who has it, has the room.
const (
	maxWindow  = 128 << 20 // the most memory that a zstd frame may ask for, the same as for the zstd program without --long
	maxRatio   = 200       // decompressed bytes to a compressed one
	alwaysFits = 32 << 20  // decompressed bytes that any file may have
)

// ErrInflates is what the error about a file matches that decompresses to far more than histories do.
var ErrInflates = errors.New("the file decompresses to far more than histories do")

// unpack decompresses what is compressed. packed reports whether it was; close ends reading.
func unpack(from io.Reader) (r io.Reader, packed bool, closing func(), err error) {
	in := &tally{from: from}
	br := bufio.NewReaderSize(in, 64<<10)
	magic, _ := br.Peek(len(zstdMagic)) // what is wrong shows again
	if !isPacked(magic) {
		return br, false, func() {}, nil
	}
	if bytes.HasPrefix(magic, gzipMagic) {
		dec, err := gzip.NewReader(br)
		if err != nil {
			return nil, true, nil, err
		}
		return &bounded{from: dec, packed: in, program: "gzip -d"}, true, func() { _ = dec.Close() }, nil // it was only read
	}
	// One decoder at a time: those that run ahead hold as much again.
	dec, err := zstd.NewReader(br, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, true, nil, err
	}
	return &bounded{from: dec, packed: in, program: "zstd -d"}, true, dec.Close, nil
}

// tally counts what is read.
type tally struct {
	from io.Reader
	n    int64
}

func (c *tally) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// bounded fails where more is decompressed than the compressed bytes give cause for.
type bounded struct {
	from    io.Reader
	packed  *tally
	program string // that decompresses it
	n       int64

	lines    int   // that ended in what was read
	inflates error // more was decompressed
}

// expected is how much a file of so many bytes decompresses to, if the rest is like what was read; 0 where it inflates as hardly any
// history does.
func (r *bounded) expected(size int64) int64 {
	const most = 50
	if r.n > most*r.packed.n {
		return 0
	}
	return int64(float64(r.n) / float64(r.packed.n) * float64(size))
}

func (r *bounded) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	if r.n += int64(n); r.n > max(alwaysFits, maxRatio*r.packed.n) {
		r.inflates = fmt.Errorf("%w: %d compressed bytes gave more than %d (limit: %d MiB, or %d times as much); if it is right, decompress it (%s) and check the result",
			ErrInflates, r.packed.n, r.n-int64(n), alwaysFits>>20, maxRatio, r.program)
		return 0, r.inflates
	}
	r.lines += bytes.Count(b[:n], []byte("\n"))
	return n, err
}
