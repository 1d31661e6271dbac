package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Folder is a temporary folder that only our user can enter. A watchdog removes it also when our process is killed.
type Folder struct {
	path string
	dog  *watchdog // nil where there is no shell to run it: then only Remove removes the folder
}

// NewFolder makes a folder whose name begins with prefix, in the system's folder for temporary files. The caller must Remove it.
func NewFolder(prefix string) (*Folder, error) {
	f, err := newFolder(prefix, syscall.SIGKILL)
	if err == nil || supported && !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	path, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return &Folder{path: path}, nil
}

// newFolder makes a folder for a server, which quit ends at once.
func newFolder(prefix string, quit syscall.Signal) (*Folder, error) {
	if !supported {
		return nil, fmt.Errorf("servers can be started on Unix systems only: %w", errors.ErrUnsupported)
	}
	temp, err := filepath.EvalSymlinks(os.TempDir()) // the path that the system knows it by
	if err == nil {
		temp, err = filepath.Abs(temp)
	}
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	path := filepath.Join(temp, prefix+rand.Text()[:nameLength])
	dog, err := startWatchdog(path, quit)
	if err != nil {
		return nil, err
	}
	return &Folder{path: path, dog: dog}, nil
}

// nameLength letters, of 32 each, make a name that nobody else has. PostgreSQL and the sockets of others bear no long paths.
const nameLength = 12

// Path is where it is.
func (f *Folder) Path() string { return f.path }

// Remove removes the folder and what is in it. Safe to call again. Where ctx ends first, the watchdog goes on.
func (f *Folder) Remove(ctx context.Context) error {
	if f.dog != nil {
		f.dog.release()
		select {
		case <-f.dog.exited:
		case <-ctx.Done():
			return fmt.Errorf("remove %s: %w", f.path, ctx.Err())
		}
	}
	// Nothing is left for this to do, unless somebody has killed the watchdog.
	if err := os.RemoveAll(f.path); err != nil {
		return fmt.Errorf("remove a temporary folder: %w", err)
	}
	return nil
}
