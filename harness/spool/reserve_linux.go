package spool

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve has the disk keep room for a part of the file.
func reserve(f *os.File, from, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, from, size)
	for errors.Is(err, unix.EINTR) {
		err = unix.Fallocate(int(f.Fd()), 0, from, size)
	}
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return fill(f, from, size)
	}
	return err
}
