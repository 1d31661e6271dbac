package scaffold

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lastseat/lastseat/targets/app/spec"
)

// interpreter is the program's own Python, if it has one.
func (f *folder) interpreter() string {
	return cmp.Or(f.first(".venv/bin/python", "venv/bin/python"), "python3")
}

func (f *folder) pythonPackages() []string {
	return []string{f.text("requirements.txt"), f.text("pyproject.toml"), f.text("Pipfile"), f.text("requirements/base.txt")}
}

func django(f *folder, p *Proposal) bool {
	p.Kind = "Django"
	run := f.interpreter() + " manage.py "
	p.Setup = []spec.Source{{Run: run + "migrate --noinput"}}
	p.App = run + "runserver --noreload 127.0.0.1:{listen}"
	f.engine(p, f.pythonPackages()...)
	f.sources(func(name, text string) {
		if base := path.Base(name); base == "settings.py" || path.Base(path.Dir(name)) == "settings" {
			for i := range f.engines { // ENGINE: django.db.backends.…
				if e := &f.engines[i]; p.Engine == nil && e.Naming.Django != "" && strings.Contains(text, e.Naming.Django) {
					p.Engine, p.Driver = e, e.Naming.Django
				}
			}
		}
	})
	return true
}

func rails(f *folder, p *Proposal) bool {
	gems := f.text("Gemfile")
	if !hasWord(gems, "rails") {
		return false
	}
	p.Kind = "Rails"
	p.Setup = []spec.Source{{Run: "bin/rails db:migrate"}}
	p.App = "bin/rails server -b 127.0.0.1 -p {listen} -P tmp/pids/{listen}.pid"
	f.engine(p, gems)
	return true
}

func laravel(f *folder, p *Proposal) bool {
	if !f.has("artisan") {
		return false
	}
	p.Kind = "Laravel"
	p.Setup = []spec.Source{{Run: "php artisan migrate --force"}}
	p.App = "php artisan serve --host=127.0.0.1 --port={listen} --no-reload"
	settings := f.text(".env") + f.text(".env.example")
	for i := range f.engines {
		e := &f.engines[i]
		if p.Engine == nil && regexp.MustCompile(`(?m)^DB_CONNECTION=`+regexp.QuoteMeta(e.Naming.Laravel)+`\s*$`).MatchString(settings) {
			p.Engine, p.Driver = e, "DB_CONNECTION="+e.Naming.Laravel
		}
	}
	if p.Engine != nil {
		p.Env = []spec.Variable{{Name: "DB_CONNECTION", Value: p.Engine.Naming.Laravel}}
	}
	return true
}

func spring(f *folder, p *Proposal) bool {
	text := f.text(p.By)
	if !strings.Contains(text, "springframework") {
		return false
	}
	p.Kind = "Spring Boot"
	if p.App = "mvn -q spring-boot:run"; p.By != "pom.xml" {
		p.App = "gradle -q bootRun"
	}
	for _, wrapper := range []string{"mvnw", "gradlew"} {
		if f.has(wrapper) && (wrapper == "mvnw") == (p.By == "pom.xml") {
			_, rest, _ := strings.Cut(p.App, " ")
			p.App = "./" + wrapper + " " + rest
		}
	}
	p.SetupBy = "the program makes its tables when it starts (Flyway, Liquibase, Hibernate); else name a file of SQL here"
	f.engine(p, text)
	jdbc := "jdbc:…"
	if p.Engine != nil {
		jdbc = p.Engine.Naming.JDBC
	}
	p.Env = []spec.Variable{
		{Name: "SPRING_DATASOURCE_URL", Value: jdbc + "://{host}:{port}/{name}"},
		{Name: "SPRING_DATASOURCE_USERNAME", Value: "{user}"},
		{Name: "SPRING_DATASOURCE_PASSWORD", Value: "{password}"},
		{Name: "SERVER_PORT", Value: "{listen}"},
	}
	return true
}

func golang(f *folder, p *Proposal) bool {
	p.Kind = "Go"
	p.App = "go run ."
	if !f.has("main.go") {
		f.sources(func(name, _ string) {
			if dir := path.Dir(name); path.Base(name) == "main.go" && strings.HasPrefix(dir, "cmd/") && p.App == "go run ." {
				p.App = "go run ./" + dir
			}
		})
	}
	f.engine(p, f.text("go.mod"))
	f.schema(p)
	if p.Engine != nil && p.Engine.Naming.GoDSN != "" {
		p.Env = []spec.Variable{{Name: "DSN", Value: p.Engine.Naming.GoDSN}}
	}
	return true
}

// made is where a program of Flask or FastAPI makes its application: app = FastAPI(
var made = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^(\w+)\s*=\s*(Flask|FastAPI)\(`) })

func python(f *folder, p *Proposal) bool {
	f.sources(func(name, text string) {
		m := made().FindStringSubmatch(text)
		if m == nil || p.Kind != "" || !strings.HasSuffix(name, ".py") {
			return
		}
		module := strings.ReplaceAll(strings.TrimSuffix(name, ".py"), "/", ".")
		if p.Kind = m[2]; p.Kind == "Flask" {
			p.App = fmt.Sprintf("%s -m flask --app %s:%s run --port {listen}", f.interpreter(), module, m[1])
		} else {
			p.App = fmt.Sprintf("%s -m uvicorn %s:%s --port {listen}", f.interpreter(), module, m[1])
		}
	})
	if p.Kind == "" {
		return false
	}
	f.engine(p, f.pythonPackages()...)
	f.schema(p)
	if len(p.Setup) == 0 && f.has("alembic.ini") {
		p.Setup = []spec.Source{{Run: f.interpreter() + " -m alembic upgrade head"}}
	}
	return true
}

// manifest is what is read of a package.json.
type manifest struct {
	Main                          string
	Scripts                       map[string]string
	Dependencies, DevDependencies map[string]string
}

func node(f *folder, p *Proposal) bool {
	var m manifest
	if json.Unmarshal([]byte(f.text(p.By)), &m) != nil {
		return false
	}
	p.Kind = "Node.js"
	for _, framework := range []string{"express", "fastify", "koa", "@nestjs/core", "@hapi/hapi"} {
		if _, there := m.Dependencies[framework]; there && p.Kind == "Node.js" {
			p.Kind += " with " + framework
		}
	}
	var names []string
	for name := range m.Dependencies {
		names = append(names, name)
	}
	slices.Sort(names)
	f.engine(p, strings.Join(names, "\n"))
	p.App = m.start(f)
	for _, script := range []string{"migrate", "db:migrate", "migration:run", "migrate:latest", "migrate:up"} {
		if m.Scripts[script] != "" && len(p.Setup) == 0 {
			p.Setup = []spec.Source{{Run: "npm run " + script}}
		}
	}
	if len(p.Setup) == 0 {
		f.schema(p)
	}
	return true
}

// plainStart is a script that starts the program by itself: nothing stands between it and lastseat, and it runs at once.
var plainStart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^node [A-Za-z0-9_./ -]+$`) })

// start is the command that starts the program.
func (m *manifest) start(f *folder) string {
	switch start := m.Scripts["start"]; {
	case plainStart().MatchString(start):
		return start
	case start != "":
		return "npm start"
	}
	if main := strings.TrimPrefix(m.Main, "./"); fits().MatchString("/"+main) && main != "" && f.has(main) {
		return "node " + main
	}
	if file := f.first("server.js", "app.js", "index.js", "src/server.js", "src/app.js", "src/index.js"); file != "" {
		return "node " + file
	}
	return ""
}
