package scaffold

import (
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// folder is the one that a program is in.
type folder struct {
	fs.FS
	engines []database.Engine
}

// mostBytes of a file are read.
const mostBytes = 256 << 10

func (f *folder) has(name string) bool {
	info, err := fs.Stat(f, name)
	return err == nil && info.Mode().IsRegular()
}

// text is what a file holds; nothing, if it cannot be read.
func (f *folder) text(name string) string {
	if !f.has(name) {
		return ""
	}
	file, err := f.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // it was only read
	content, _ := io.ReadAll(io.LimitReader(file, mostBytes))
	return string(content)
}

// engine finds the driver among the words of some files, and by it the engine.
func (f *folder) engine(p *Proposal, texts ...string) {
	for _, text := range texts {
		for i := range f.engines {
			for _, driver := range f.engines[i].Naming.Drivers {
				if p.Engine == nil && hasWord(text, driver) {
					p.Engine, p.Driver = &f.engines[i], driver
				}
			}
		}
	}
}

// hasWord finds a package's name where no longer name holds it.
func hasWord(text, word string) bool {
	found, err := regexp.MatchString(`(?i)(^|[^a-z0-9_-])`+regexp.QuoteMeta(word)+`($|[^a-z0-9_-])`, text)
	return err == nil && found
}

// first is the first of some files that is there.
func (f *folder) first(names ...string) string {
	for _, name := range names {
		if f.has(name) {
			return name
		}
	}
	return ""
}

// schema has a file of SQL make the tables, if there is one.
func (f *folder) schema(p *Proposal) {
	if name := f.first("schema.sql", "db/schema.sql", "sql/schema.sql", "database/schema.sql", "init.sql", "db/init.sql"); name != "" {
		p.Setup = []spec.Source{{File: name}}
	}
}

// skipped are folders that hold no code of the program's own.
var skipped = []string{
	"node_modules", "vendor", "dist", "build", "target", "test", "tests", "spec", "__tests__", "testdata", "venv", "env", "site-packages", "public", "static", "docs",
}

// mostFiles are looked at for routes.
const mostFiles = 400

// sources hands on the program's own source files, in a fixed order.
func (f *folder) sources(each func(name, text string)) {
	files := 0
	_ = fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error { // what cannot be read says nothing
		base := path.Base(name)
		switch {
		case err != nil || files == mostFiles:
			return fs.SkipDir
		case d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || slices.Contains(skipped, base) || strings.Count(name, "/") > 6):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular():
			return nil
		}
		if languages()[path.Ext(name)] != nil && !isTest(base) {
			files++
			each(name, f.text(name))
		}
		return nil
	})
}

func isTest(base string) bool {
	return strings.Contains(base, "_test.") || strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasPrefix(base, "test_")
}
