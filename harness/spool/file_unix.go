//go:build linux || darwin || freebsd

package spool

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Supported reports whether this system can map files into memory as a spool needs it.
const Supported = true

// file is a file without a name, and where it lies in memory.
type file struct {
	f       *os.File
	size    int64
	mapped  [][]byte
	reserve func(f *os.File, from, size int64) error
}

func open(folder string) (*file, error) {
	f, err := os.CreateTemp(folder, "lastseat-history-") // 0600
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{f: f, reserve: reserve}, nil
}

// grow maps so many more bytes of the file.
func (f *file) grow(by int64) ([]byte, error) {
	from := f.size
	if err := f.extend(by); err != nil {
		return nil, err
	}
	return f.view(from, f.size)
}

// extend makes the file longer. The disk has room for it from then on: a full disk is an error here, not a signal to whoever writes to memory.
func (f *file) extend(by int64) error {
	page := int64(os.Getpagesize())
	by = (by + page - 1) / page * page
	if err := f.roomFor(by); err != nil {
		return err
	}
	if err := f.reserve(f.f, f.size, by); err != nil {
		return &os.PathError{Op: "reserve disk space in", Path: f.f.Name(), Err: err}
	}
	f.size += by
	return nil
}

// view maps a part of the file.
func (f *file) view(from, to int64) ([]byte, error) {
	m, err := unix.Mmap(int(f.f.Fd()), from, int(to-from), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "map", Path: f.f.Name(), Err: err}
	}
	f.mapped = append(f.mapped, m)
	return m, nil
}

// spare is the part of the disk that is left to others: one in so many.
const spare = 20

// roomFor says whether the disk has room for so many bytes, with some left to others.
func (f *file) roomFor(by int64) error {
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(f.f.Fd()), &disk); err != nil {
		return nil //nolint:nilerr // it cannot say: then reserving tells
	}
	size := int64(disk.Bsize) //nolint:unconvert // other systems have other types
	if free := int64(disk.Bavail) * size; free-by < int64(disk.Blocks)*size/spare {
		return &os.PathError{Op: "leave others a twentieth of the disk of", Path: f.f.Name(), Err: unix.ENOSPC}
	}
	return nil
}

func (f *file) writeAt(b []byte, at int64) error {
	_, err := f.f.WriteAt(b, at)
	return err
}

func (f *file) close() error {
	var errs []error
	for _, m := range f.mapped {
		errs = append(errs, unix.Munmap(m))
	}
	f.mapped = nil
	return errors.Join(append(errs, f.f.Close())...)
}

// fill reserves by writing zeros, where nothing else does.
func fill(f *os.File, from, size int64) error {
	zeros := make([]byte, min(size, 1<<20))
	for to := from + size; from < to; from += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), to-from)], from); err != nil {
			return errors.Unwrap(err)
		}
	}
	return nil
}
