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
	b, isDSN, err := Choose(ctx, p, from)
	switch {
	case err != nil:
		return "", nil, err
	case isDSN:
		return from, nil, nil
	}
	s, err := Start(ctx, b, opt)
	if err != nil {
		return "", nil, err
	}
	return s.DSN(), s, nil
}

// Choose is the program that a user may have written for a server, for Resolve and for clusters, or says that it is a DSN.
func Choose(ctx context.Context, p Program, from string) (b Binary, isDSN bool, err error) {
	switch {
	case from == "":
		b, err = Find(ctx, p)
	case isPath(from):
		b, err = Inspect(ctx, p, from)
	default:
		return b, true, nil
	}
	var missing *NotFoundError
	if errors.As(err, &missing) {
		err = &store.MissingError{Hint: missing.Hint}
	}
	return b, false, err
}

// isPath tells a path from a DSN: of what a DSN may look like, only MySQL's "/" and "/database" begin so. The latter is read
// as a path: it names no server that could not be written as tcp(127.0.0.1:3306)/database.
func isPath(s string) bool {
	return filepath.IsAbs(s) && strings.Trim(s, "/") != "" || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")
}
