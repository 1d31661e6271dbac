package history

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packings are the ways in which a history may come, uncompressed and not.
var packings = map[string]func(data []byte) []byte{
	"plain": func(data []byte) []byte { return data },
	"zstd": func(data []byte) []byte {
		enc, _ := zstd.NewWriter(nil) // its options are right
		return enc.EncodeAll(data, nil)
	},
	"gzip": func(data []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(data) // a buffer takes all
		_ = w.Close()
		return b.Bytes()
	},
}

// TestPipesAndFiles: what comes through a pipe is read as a file is, the errors with their lines included, and nothing is left in
// the directory for temporary files.
func TestPipesAndFiles(t *testing.T) {
	good := appends(20_000) // several times what a pipe may keep in memory
	cut := good[:len(good)-20]
	events := bytes.Repeat([]byte("{:type :invoke, :f :read, :process 1}\n{:type :ok, :f :read, :value 1, :process 1}\n{:type :ok, :f :add, :value 1}\n"), 20_000)
	header, hist := sample()
	own := written(t, "own.jsonl", header, hist)
	for name, data := range map[string][]byte{
		"transactions": good, "an error at the end": cut, "an error at the beginning": append([]byte("{:type :ok, :f 7 :value [[:append\n"), good...),
		"events": events, "an error in events": append(events[:len(events):len(events)], "{:type :okay}"...), "little": good[:bytes.IndexByte(good, '\n')],
		"nothing": nil, "own": own, "an error in own": append(own[:len(own):len(own)], "{}\n"...),
	} {
		for packing, pack := range packings {
			t.Run(name+"/"+packing, func(t *testing.T) {
				temp := t.TempDir()
				t.Setenv("TMPDIR", temp)
				packed := pack(data)
				file, fileErr := ReadAny(bytes.NewReader(packed), "h", "")
				pipe, pipeErr := ReadAny(io.MultiReader(bytes.NewReader(packed)), "h", "")
				if fmt.Sprint(fileErr) != fmt.Sprint(pipeErr) || !reflect.DeepEqual(file, pipe) {
					t.Errorf("as a file: %v, as a pipe: %v", fileErr, pipeErr)
				}
				if strings.Contains(name, "error") != (fileErr != nil) {
					t.Errorf("the error is %v", fileErr)
				}
				if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
					t.Errorf("left behind: %v, %v", left, err)
				}
			})
		}
	}
}

// TestTransactionsAreStreamed, however they come.
func TestTransactionsAreStreamed(t *testing.T) {
	for packing, pack := range packings {
		data := pack(appends(2000))
		for _, from := range []io.Reader{bytes.NewReader(data), io.MultiReader(bytes.NewReader(data))} {
			if rec, err := streamForeign(newSource(t.Context(), from, nil), "h", ""); err != nil || rec == nil || rec.Operations != 2000 {
				t.Errorf("%s, %T: %v", packing, from, rec)
			}
		}
	}
}

// TestPipeWithoutRoom: where a copy cannot be kept, that is the error, not what a second reading makes of the rest.
func TestPipeWithoutRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	good := appends(20_000)
	if _, err := ReadAny(io.MultiReader(bytes.NewReader(good)), "h", ""); err != nil {
		t.Errorf("nothing is wrong with it, so nothing needs to be read again: %v", err)
	}
	_, err := ReadAny(io.MultiReader(bytes.NewReader(good[:len(good)-20])), "h", "")
	if err == nil || !strings.HasPrefix(err.Error(), "h: it comes through a pipe, and a copy of it cannot be kept: ") {
		t.Errorf("the error is %v", err)
	}
}
