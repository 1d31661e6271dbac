//go:build !linux && !darwin && !freebsd

package spool

import "errors"

// Supported reports whether this system can map files into memory as a spool needs it.
const Supported = false

type file struct{ size int64 }

func open(string) (*file, error) { return nil, errors.ErrUnsupported }

func (*file) grow(int64) ([]byte, error)        { return nil, errors.ErrUnsupported }
func (*file) extend(int64) error                { return errors.ErrUnsupported }
func (*file) view(int64, int64) ([]byte, error) { return nil, errors.ErrUnsupported }
func (*file) writeAt([]byte, int64) error       { return errors.ErrUnsupported }
func (*file) close() error                      { return nil }
