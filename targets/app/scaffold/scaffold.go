// Package scaffold writes the first shop.yaml for a program of the user's. In goes the folder that the program is in, out comes a
// commented file that docs/program.md explains: what the folder's own files say (package.json, manage.py, Gemfile …) is filled in, and what
// they do not say is an example that is marked as one. Start at Write; to recognise another kind of program, add it to kinds.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Name is what the file is called.
const Name = "shop.yaml"

// Proposal is what was found out about a program.
type Proposal struct {
	Kind    string           // what it is, for people: Django; empty: nothing was recognised
	By      string           // the file that says so
	Engine  *database.Engine // nil: no driver was found
	Driver  string           // the package that tells the engine
	Setup   []spec.Source
	SetupBy string // why there is no Setup
	App     string
	Env     []spec.Variable
	Routes  []Route

	example string // the engine that stands there where none was found
}

// kind is a sort of program that can be recognised.
type kind struct {
	file string // that it is recognised by
	// read fills in what the program's files say; ok: it is such a program.
	read func(f *folder, p *Proposal) (ok bool)
}

// kinds are tried in turn: those that a framework gives away come first, since its folder may hold a package.json as well.
func kinds() []kind {
	return []kind{
		{"manage.py", django},
		{"Gemfile", rails},
		{"composer.json", laravel},
		{"pom.xml", spring},
		{"build.gradle", spring},
		{"build.gradle.kts", spring},
		{"go.mod", golang},
		{"requirements.txt", python},
		{"pyproject.toml", python},
		{"package.json", node},
	}
}

// Propose looks at a program's folder. Of the engines, the first is the example.
func Propose(dir fs.FS, engines []database.Engine) *Proposal {
	f := &folder{FS: dir, engines: engines}
	for _, k := range kinds() {
		p := &Proposal{By: k.file, example: engines[0].Name}
		if f.has(k.file) && k.read(f, p) {
			p.Routes = f.routes()
			return p
		}
	}
	return &Proposal{Routes: f.routes(), example: engines[0].Name}
}

// ExistsError says that the file is there already.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s is there already, and is not overwritten: move it away, or go on with it: lastseat explore %s", e.Path, e.Path)
}

// Write writes the file into a folder. What is there already stays as it is.
func Write(dir string, engines []database.Engine) (*Proposal, error) {
	p := Propose(os.DirFS(dir), engines)
	text := p.Text()
	if _, err := spec.Parse(Name, []byte(text)); err != nil {
		return nil, fmt.Errorf("what was found here makes no file that can be read: %w", err)
	}
	path := filepath.Join(dir, Name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, &ExistsError{path}
	case err != nil:
		return nil, fmt.Errorf("write the file: %w", err)
	}
	_, err = f.WriteString(text)
	return p, errors.Join(err, f.Close())
}
