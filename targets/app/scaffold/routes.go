package scaffold

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Route is a request that changes something, as the program's source names it.
type Route struct{ Method, Path, File string }

// pattern finds routes in a source file: method and path are what its groups of these names hold.
type pattern struct {
	*regexp.Regexp
	prefix *regexp.Regexp // of all paths of the file, in its first group; nil: none
	only   string         // the end of the name of files that it goes for
}

const verbs = `(?P<method>(?i:post|put|patch|delete))`

// languages are the patterns by the ending of a file's name. They are compiled once somebody looks for routes: it takes a millisecond, which each start
// of the program would take longer.
var languages = sync.OnceValue(func() map[string][]pattern {
	javascript := []pattern{
		{Regexp: regexp.MustCompile(`\b\w+\.` + verbs + "\\(\\s*[\"'`](?P<path>/[^\"'`]*)[\"'`]")},
		{
			Regexp: regexp.MustCompile(`@(?P<method>Post|Put|Patch|Delete)\(\s*(?:["'](?P<path>[^"']*)["'])?\s*\)`),
			prefix: regexp.MustCompile(`@Controller\(\s*["']([^"']*)["']`),
		},
	}
	annotations := []pattern{{
		Regexp: regexp.MustCompile(`@(?P<method>Post|Put|Patch|Delete)Mapping\b(?:\(\s*(?:(?:value|path)\s*=\s*)?(?:\{\s*)?"(?P<path>[^"]*)")?`),
		prefix: regexp.MustCompile(`@RequestMapping\(\s*(?:(?:value|path)\s*=\s*)?"([^"]*)"`),
	}}
	return map[string][]pattern{
		".js": javascript, ".mjs": javascript, ".cjs": javascript, ".ts": javascript,
		".py": {
			{Regexp: regexp.MustCompile(`@\w+\.` + verbs + `\(\s*["'](?P<path>/[^"']*)["']`)},
			{Regexp: regexp.MustCompile(`@\w+\.route\(\s*["'](?P<path>/[^"']*)["'][^)\n]*methods\s*=\s*[\[(]\s*["']` + verbs + `["']`)},
			{Regexp: regexp.MustCompile(`\bpath\(\s*["'](?P<path>[^"']+)["']\s*,\s*[^)\s]`), only: "urls.py"},
		},
		".go": {
			{Regexp: regexp.MustCompile(`Handle(?:Func)?\(\s*"` + verbs + ` (?P<path>/[^"]*)"`)},
			{Regexp: regexp.MustCompile(`\w\.` + verbs + `\(\s*"(?P<path>/[^"]*)"`)},
		},
		".java": annotations, ".kt": annotations,
		".rb": {{Regexp: regexp.MustCompile(`(?m)^\s*` + verbs + `\s*\(?\s*["'](?P<path>[^"']+)["']`), only: "routes.rb"}},
		".php": {
			{Regexp: regexp.MustCompile(`Route::` + verbs + `\(\s*["'](?P<path>[^"']+)["']`), only: "web.php"},
			{Regexp: regexp.MustCompile(`Route::` + verbs + `\(\s*["'](?P<path>[^"']+)["']`), only: "api.php", prefix: regexp.MustCompile(`(?s)^.*?\bRoute::()`)},
		},
	}
})

// routes are those that the sources show, each once.
func (f *folder) routes() (all []Route) {
	f.sources(func(name, text string) {
		for _, p := range languages()[path.Ext(name)] {
			if !strings.HasSuffix(name, p.only) {
				continue
			}
			for _, r := range p.find(name, text) {
				known := func(k Route) bool { return k.Method == r.Method && k.Path == r.Path }
				if r.usable() && !slices.ContainsFunc(all, known) {
					all = append(all, r)
				}
			}
		}
	})
	return all
}

func (p *pattern) find(name, text string) (all []Route) {
	prefix := ""
	if p.prefix != nil {
		if m := p.prefix.FindStringSubmatch(text); m != nil {
			if prefix = m[1]; p.only == "api.php" {
				prefix = "api"
			}
		}
	}
	for _, m := range p.FindAllStringSubmatch(text, -1) {
		r := Route{Method: "POST", File: name}
		if i := p.SubexpIndex("method"); i >= 0 {
			r.Method = strings.ToUpper(m[i])
		}
		r.Path = path.Join("/", prefix, m[p.SubexpIndex("path")])
		if strings.HasSuffix(m[p.SubexpIndex("path")], "/") && r.Path != "/" {
			r.Path += "/" // to some frameworks it is another path
		}
		all = append(all, r)
	}
	return all
}

// parameter is a part of a path that stands for a value: :id, {id}, <int:id>.
var parameter = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`:\w+|\{[^{}/]*\}|<[^<>/]*>`) })

// fits is a path that can be written as it is.
var fits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/[A-Za-z0-9_.~/-]*$`) })

// Filled is the path with 1 for each of its values.
func (r *Route) Filled() string {
	return parameter().ReplaceAllString(strings.ReplaceAll(r.Path, "(.:format)", ""), "1")
}

func (r *Route) usable() bool {
	return fits().MatchString(r.Filled()) && r.Path != "/" && !strings.HasPrefix(r.Path, "/admin")
}

// Name is what an operation of this route is called.
func (r *Route) Name() string {
	var words []string
	for part := range strings.SplitSeq(strings.ReplaceAll(r.Path, "(.:format)", ""), "/") {
		if part != "" && !parameter().MatchString(part) {
			words = append(words, part)
		}
	}
	if len(words) == 0 {
		return strings.ToLower(r.Method)
	}
	return strings.Join(words[max(0, len(words)-2):], "-")
}
