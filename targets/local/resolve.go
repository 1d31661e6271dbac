package local

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
)

// Resolve turns what a user may write for a server into a DSN: a DSN stays as it is, the path of a program or of its folder
// starts a throwaway server of it, and nothing one of the program that Find finds. The *Server is nil where the server is
// the user's own; else the caller stops it. *store.MissingError: nothing was asked for, and there is no program.
func Resolve(ctx context.Context, p Program, from string, opt Options) (string, *Server, error) {
	var b Binary
	var err error
	switch {
	case from == "":
		b, err = Find(ctx, p)
	case isPath(from):
		b, err = Inspect(ctx, p, from)
	default:
		return from, nil, nil
	}
	var missing *NotFoundError
	if errors.As(err, &missing) {
		return "", nil, &store.MissingError{Hint: missing.Hint}
	} else if err != nil {
		return "", nil, err
	}
	s, err := Start(ctx, b, opt)
	if err != nil {
		return "", nil, err
	}
	return s.DSN(), s, nil
}

// isPath tells a path from a DSN: of what a DSN may look like, only MySQL's "/" and "/database" begin so. The latter is read
// as a path: it names no server that could not be written as tcp(127.0.0.1:3306)/database.
func isPath(s string) bool {
	return filepath.IsAbs(s) && strings.Trim(s, "/") != "" || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")
}
