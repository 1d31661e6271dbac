package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Replay plays a saved schedule on its program, which must be as it was.
func Replay(ctx context.Context, saved *program.Saved, opt Options, tell Telling) ([]program.Report, error) {
	s, err := specOf(saved, &opt)
	if err != nil {
		return nil, err
	}
	opt.Clients = len(saved.Operations)
	x := program.Explorer{Schedules: 1, Only: [][]string{saved.Operations}}
	return ExploreLevels(ctx, s, opt, []harness.Level{saved.Level}, x, Single{Saved: saved}, tell)
}

// specOf reads the file of a saved schedule's program.
func specOf(saved *program.Saved, opt *Options) (*spec.Spec, error) {
	path := saved.Program
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(saved.File), path)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: its program's file %s is not there: put it back, or correct program: in the schedule", saved.File, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its program's file: %w", saved.File, err)
	}
	s, err := spec.Parse(path, text)
	if err != nil {
		return nil, err
	}
	engine, _, err := find(opt.Engines, s.Database)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if engine.Name != saved.Engine {
		return nil, fmt.Errorf("%s: it was found on %s, and %s now says database: %s; explore it again", saved.File, saved.Engine, path, engine.Name)
	}
	for _, name := range saved.Operations {
		if !slices.Contains(s.Names(), name) {
			return nil, fmt.Errorf("%s: %s has no operation %q any more; explore it again", saved.File, path, name)
		}
	}
	return s, nil
}

// SaveIn makes a file's content of the schedule that a pair shows, for a folder, and says what the file is called.
func SaveIn(dir string, r *program.Report, pair *program.Pair) (path string, saved *program.Saved) {
	seen := r.File
	if from, err := filepath.Abs(dir); err == nil {
		if to, err := filepath.Abs(r.File); err == nil {
			if seen, err = filepath.Rel(from, to); err != nil {
				seen = to
			}
		}
	}
	return filepath.Join(dir, program.SavedName(r, pair)), program.Save(r, pair, seen)
}
