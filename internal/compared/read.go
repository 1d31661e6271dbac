// Package compared has the sides of comparisons, read from saved results, and the thresholds that runs are held against. In go paths as they
// were typed, and flags' values; nothing is printed. Start at Sides, or at Thresholds.
package compared

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/internal/render"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

// Split tells old from new: OLD NEW, or OLD… -- NEW…; dash is where -- stands among the arguments, below 0: nowhere.
func Split(args []string, dash int) (old, now []string, err error) {
	switch {
	case dash < 0 && len(args) == 2:
		return args[:1], args[1:], nil
	case dash < 0 && len(args) < 2:
		return nil, nil, errors.New("compare what? Name an old result and a new one: lastseat compare old.json new.json")
	case dash < 0:
		return nil, nil, fmt.Errorf("compare: of %d results, which are the old ones? Write -- between old and new: lastseat compare a.json b.json -- c.json d.json", len(args))
	case dash == 0 || dash == len(args):
		return nil, nil, errors.New("compare: one side is missing: name results before and behind --")
	}
	return args[:dash], args[dash:], nil
}

// Sides compares results, and judges conditions by the new ones, with the old as the baseline.
func Sides(old, now, conditions []string) (*compare.Result, error) {
	thresholds, err := threshold.Each(conditions)
	if err != nil {
		return nil, fmt.Errorf("--fail-if: %w", err)
	}
	a, err := Read(old)
	if err != nil {
		return nil, err
	}
	b, err := Read(now)
	if err != nil {
		return nil, err
	}
	r, err := compare.Compare(a, b)
	if err != nil {
		return nil, err
	}
	r.Judge(thresholds)
	return r, nil
}

// Read reads one side: files that --json wrote, folders of --out, or folders with such files in them.
func Read(paths []string) (*compare.Side, error) {
	var all []*compare.Side
	seen := map[[sha256.Size]byte]string{}
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := render.Read(file)
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256(text)
			if first, twice := seen[sum]; twice { // its samples would count twice, and make luck look like a difference
				return nil, fmt.Errorf("%s is the same result as %s: name each once on a side", file, first)
			}
			seen[sum] = file
			side, err := read(file, text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			all = append(all, side)
		}
	}
	return compare.Together(all)
}

// filesOf are the results that a path means.
func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil && strings.HasPrefix(path, "--") {
		return nil, fmt.Errorf("compare: behind -- there are results only, and %s is none: write flags before the old ones", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; name a file that --json wrote, or a folder of them", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	if one := filepath.Join(path, render.ResultFile); exists(one) {
		return []string{one}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		switch {
		case e.IsDir() && exists(filepath.Join(name, render.ResultFile)):
			all = append(all, filepath.Join(name, render.ResultFile))
		case !e.IsDir() && filepath.Ext(name) == ".json":
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no results in it; name a file that --json wrote, or a folder of them", path)
	}
	slices.Sort(all)
	return all, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// read reads the text of a file.
func read(path string, text []byte) (*compare.Side, error) {
	kind, err := reports.KindOf(text)
	if err != nil {
		return nil, err
	}
	side, err := sideOf(kind, text)
	if err == nil {
		side.Files = []string{path}
	}
	return side, err
}

// sideOf reads a document, whatever kind it is of.
func sideOf(kind reports.Kind, text []byte) (*compare.Side, error) {
	switch kind {
	case reports.RunKind:
		return made(text, reports.ReadJSON, func(r *suite.Result) *compare.Side { return compare.OfRun(r, around()) })
	case reports.RoundsKind:
		return made(text, reports.ReadRoundsJSON, ofRounds)
	case reports.ProgramKind:
		return made(text, reports.ReadProgramJSON, ofProgram)
	case reports.IsolationKind:
		return made(text, reports.ReadIsolationJSON, ofIsolation)
	case reports.ExploreKind:
		return made(text, reports.ReadExploredJSON, ofExplored)
	case reports.CheckKind:
		return made(text, reports.ReadCheckedJSON, ofChecked)
	}
	return nil, fmt.Errorf("results of lastseat %s are not compared; those of run, explore, isolation and check are", kind)
}

func made[R any](text []byte, read func([]byte) (R, error), side func(R) *compare.Side) (*compare.Side, error) {
	r, err := read(text)
	if err != nil {
		return nil, err
	}
	return side(r), nil
}

// around are the names of the flags that put something around a store.
func around() (names []string) {
	for _, axis := range targets.Axes() {
		names = append(names, axis.Name)
	}
	return names
}
