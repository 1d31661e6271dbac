package local

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// To fill a data folder takes longer than all that follows: MySQL seconds, and PostgreSQL one or two of a processor's. What comes out is the
// same for each server of a program, so one copy of it is kept, and further servers begin with a copy of that. It may be deleted at any time.

// templateOf is where the filled data folder of a program is kept; empty: nowhere. Whatever could make it another one is in its name.
func (s *Server) templateOf(fill []string) string {
	cache, err := os.UserCacheDir()
	if err != nil || s.binary.Program.CopyWithout == nil || s.layout.Initialise != nil {
		return ""
	}
	info, err := os.Stat(s.binary.Path)
	if err != nil {
		return ""
	}
	command := strings.ReplaceAll(strings.Join(fill, "\x00"), s.layout.Dir, "")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %v %s %s %s", s.binary.Path, info.Size(), info.ModTime().UnixNano(), s.binary.Version, command, os.Getenv("TZ")))
	return filepath.Join(cache, "lastseat", "data", fmt.Sprintf("%s-%x", s.binary.Program.Name, sum[:8]))
}

// fromTemplate fills the data folder by a copy, and reports whether it could.
func (s *Server) fromTemplate(template string) bool {
	if template == "" {
		return false
	}
	if _, err := os.Stat(template); err != nil {
		return false
	}
	err := copyFolder(template, s.layout.Data, s.binary.Program.CopyWithout, s.as)
	if err != nil {
		_ = os.RemoveAll(s.layout.Data) // it is filled as if there had been none; what is in the way then says so
	}
	return err == nil
}

// keepTemplate keeps the data folder, just filled, for servers to come. Where that is not possible, each fills its own.
func (s *Server) keepTemplate(template string) {
	if template == "" || os.MkdirAll(filepath.Dir(template), 0o700) != nil {
		return
	}
	made := template + "." + rand.Text()[:nameLength]
	err := copyFolder(s.layout.Data, made, s.binary.Program.CopyWithout, nil)
	if err == nil {
		err = os.Rename(made, template) // whole, or not there
	}
	if err != nil {
		_ = os.RemoveAll(made)
	}
}

// copyFolder copies a folder's files and folders but for those of some names. What it makes belongs to the account; nil: to us.
func copyFolder(from, to string, without []string, as *account) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || slices.Contains(without, d.Name()) {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		made := filepath.Join(to, inside)
		switch {
		case d.IsDir():
			err = os.Mkdir(made, 0o700)
		case d.Type().IsRegular():
			err = copyFile(path, made)
		default:
			err = fmt.Errorf("%s is neither a file nor a folder", path)
		}
		if err != nil {
			return err
		}
		return as.own(made)
	})
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
