//go:build !linux

package nonblock

import "errors"

const raw = false

// Read is for systems whose calls can be made so.
func Read(int, []byte) (int, error) { return 0, errors.ErrUnsupported }

// Write is as well.
func Write(int, []byte) (int, error) { return 0, errors.ErrUnsupported }
