// Package terminal says whether output goes to a terminal, and how wide it may be there.
package terminal

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// Reports are at least as wide as a terminal usually is, and no wider than eyes can follow.
const (
	leastWidth = 80
	mostWidth  = 200
)

// ReportWidth is how wide a report on w may be: COLUMNS, or as wide as the terminal is; 0 where there is none.
func ReportWidth(w io.Writer) int {
	width := Width(w)
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		width = columns
	}
	if width == 0 {
		return 0
	}
	return min(max(width, leastWidth), mostWidth)
}

// Is reports whether w is a terminal.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Moves reports whether w is a terminal on which the cursor can be moved: TERM says that some cannot.
func Moves(w io.Writer) bool { return Is(w) && os.Getenv("TERM") != "dumb" }

// Size is how many columns and rows the terminal behind w has; 80 × 24 where that is not known.
func Size(w io.Writer) (columns, rows int) {
	if f, ok := w.(*os.File); ok {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return leastWidth, 24
}

// Width is how wide the terminal behind w is; 0 where w is no terminal.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}
