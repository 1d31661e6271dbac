package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/lastseat/lastseat/harness/store"
)

// NotFoundError says that this machine has no server program of an engine.
type NotFoundError struct {
	Engine string // postgres
	Hint   string // one sentence: what is missing, and how to get it
}

func (e *NotFoundError) Error() string { return e.Hint }

// Find is the server program to use by default: the one named by the Program's environment variable (the program, or a folder that
// holds it), else on PATH, else the system's newest, else one that scripts/servers has fetched; with
// LASTSEAT_SERVERS=none only the variable counts. A variable that leads nowhere is an error; without any program the error is a *NotFoundError.
func Find(ctx context.Context, p Program) (Binary, error) {
	if path := os.Getenv(p.Env); path != "" {
		b, err := Inspect(ctx, p, path)
		if err != nil {
			err = fmt.Errorf("%s=%s: %w; set it to the %s program or its folder, or unset it", p.Env, path, err, p.Files[0])
		}
		return b, err
	}
	for _, place := range p.folders() {
		for _, path := range p.programsAt(place) {
			if b, err := p.identify(ctx, path); err == nil {
				return b, nil
			}
		}
		if err := ctx.Err(); err != nil {
			return Binary{}, fmt.Errorf("find %s: %w", p.Title, err)
		}
	}
	return Binary{}, &NotFoundError{Engine: p.Name, Hint: p.Hint}
}

// Inspect recognises the server program at a path, or in the folder there (its bin, sbin, usr/sbin and the like included). What it is
// it says itself, whatever its name is: a mysqld may be MariaDB.
func Inspect(ctx context.Context, p Program, path string) (Binary, error) {
	if _, err := os.Stat(path); err != nil {
		return Binary{}, fmt.Errorf("look for %s: %w", p.Title, err)
	}
	err := fmt.Errorf("%s holds no program %s", path, p.Files[0])
	for _, program := range p.programsAt(path) {
		var b Binary
		if b, err = p.identify(ctx, program); err == nil {
			return b, nil
		}
	}
	return Binary{}, fmt.Errorf("look for %s: %w", p.Title, err)
}

// All is every server program of a kind that is found: the one that Find takes first, none twice.
func All(ctx context.Context, p Program) []Binary {
	var all []Binary
	seen := map[string]bool{}
	var paths []string
	if path := os.Getenv(p.Env); path != "" {
		paths = append(paths, path)
	}
	for _, place := range append(paths, p.folders()...) {
		for _, program := range p.programsAt(place) {
			if b, err := p.identify(ctx, program); err == nil && !seen[b.Path] {
				seen[b.Path] = true
				all = append(all, b)
			}
		}
	}
	return all
}

// Installed is All, for store.Engine: the first is the one that Find takes, whose error it returns.
func (p Program) Installed(ctx context.Context) ([]store.Program, error) {
	_, err := Find(ctx, p)
	var all []store.Program
	for _, b := range All(ctx, p) {
		all = append(all, store.Program{Path: b.Path, Version: b.Version})
	}
	return all, err
}

// folders lists those in which the program may lie, best first.
func (p *Program) folders() []string {
	if os.Getenv(serversEnv) == "none" {
		return nil
	}
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range p.Places {
		matches, _ := filepath.Glob(pattern) // the patterns are good
		slices.SortFunc(matches, func(a, b string) int { return compareVersions(b, a) })
		folders = append(folders, matches...)
	}
	folders = append(folders, "/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin")
	for _, cache := range cacheFolders() {
		matches, _ := filepath.Glob(filepath.Join(cache, "*")) // as above
		slices.SortFunc(matches, func(a, b string) int { return compareVersions(b, a) })
		folders = append(folders, matches...)
	}
	// PATH may hold an empty element, or one that is relative: what is found must not hang on where we stand.
	return slices.DeleteFunc(folders, func(f string) bool { return !filepath.IsAbs(f) })
}

// serversEnv names the folder of the servers that scripts/servers has fetched. The value none hides the machine's servers, wherever they
// are: with it, tests run as on a machine that has none.
const serversEnv = "LASTSEAT_SERVERS"

// cacheFolders are those that scripts/servers fills. Root's is shared: root's servers run as other users, who cannot look
// into root's home, and everybody may use what root has fetched.
func cacheFolders() []string {
	if dir := os.Getenv(serversEnv); dir != "" {
		return []string{dir}
	}
	var folders []string
	if dir, err := os.UserCacheDir(); err == nil {
		folders = append(folders, filepath.Join(dir, "lastseat", "servers"))
	}
	return append(folders, "/var/cache/lastseat/servers")
}
