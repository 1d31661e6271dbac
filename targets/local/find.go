package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// NotFoundError says that this machine has no server program of an engine.
type NotFoundError struct {
	Engine Engine
	Hint   string // one sentence: what is missing, and how to get it
}

func (e *NotFoundError) Error() string { return e.Hint }

// Find is the server program of an engine to use by default: the one named by the environment (LASTSEAT_POSTGRES,
// LASTSEAT_MYSQLD, LASTSEAT_MARIADBD: the program, or a folder that holds it), else on PATH, else the system's newest, else
// one that scripts/servers has fetched; with LASTSEAT_SERVERS=none only the variable counts. A variable that leads nowhere is an error;
// without any program the error is a *NotFoundError.
func Find(ctx context.Context, name Engine) (Binary, error) {
	e, err := lookup(name)
	if err != nil {
		return Binary{}, err
	}
	if path := os.Getenv(e.env); path != "" {
		b, err := inspect(ctx, e, path)
		if err != nil {
			err = fmt.Errorf("%s=%s: %w; set it to the %s program or its folder, or unset it", e.env, path, err, e.programs[0])
		}
		return b, err
	}
	for _, place := range places(e) {
		for _, path := range programsAt(place, e) {
			if b, err := identify(ctx, path); err == nil && b.Engine == name {
				return b, nil
			}
		}
		if err := ctx.Err(); err != nil {
			return Binary{}, fmt.Errorf("find %s: %w", e.title, err)
		}
	}
	return Binary{}, &NotFoundError{Engine: name, Hint: e.hint}
}

// inspect is the program of e at a path, or in the folder there.
func inspect(ctx context.Context, e engine, path string) (Binary, error) {
	if _, err := os.Stat(path); err != nil {
		return Binary{}, fmt.Errorf("look for %s: %w", e.title, err)
	}
	err := fmt.Errorf("%s holds no program %s", path, e.programs[0])
	for _, program := range programsAt(path, e) {
		var b Binary
		if b, err = identify(ctx, program); err == nil && b.Engine == e.name {
			return b, nil
		} else if err == nil {
			err = fmt.Errorf("%s is %s", program, b)
		}
	}
	return Binary{}, fmt.Errorf("look for %s: %w", e.title, err)
}

// All is every server program found, of every engine: engine by engine, the one that Find takes first, no program twice.
func All(ctx context.Context) []Binary {
	var all []Binary
	seen := map[Binary]bool{}
	for _, e := range engines() {
		var paths []string
		if path := os.Getenv(e.env); path != "" {
			paths = append(paths, path)
		}
		for _, place := range append(paths, places(e)...) {
			for _, program := range programsAt(place, e) {
				if b, err := identify(ctx, program); err == nil && b.Engine == e.name && !seen[b] {
					seen[b] = true
					all = append(all, b)
				}
			}
		}
	}
	return all
}

// places lists the folders in which a program of e may lie, best first.
func places(e engine) []string {
	if os.Getenv(serversEnv) == "none" {
		return nil
	}
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range e.places {
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
