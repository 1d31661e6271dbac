package scaffold

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// mostOperations are proposed: more make too many pairs for a first look.
const mostOperations = 4

// mostShown routes beyond those are named in comments.
const mostShown = 20

// page is the file as it is written.
type page struct{ strings.Builder }

func (w *page) line(format string, args ...any) {
	w.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// Text is the file.
func (p *Proposal) Text() string {
	w := &page{}
	w.line("# What lastseat is to know of this program; docs/program.md explains each key.")
	if p.Kind != "" {
		w.line("# Found: %s (%s). Look it over, then run: lastseat explore %s", p.Kind, p.By, Name)
	} else {
		w.line("# Nothing here was recognised, so all that follows is an EXAMPLE: write what your program needs, then run: lastseat explore %s", Name)
	}
	w.line("")
	p.database(w)
	p.setup(w)
	p.app(w)
	p.operations(w)
	w.line("")
	w.line("# More, where it is needed:")
	w.line("#ready: /health                     # answered once the program is ready; else it is as soon as it takes connections")
	w.line("#reset: POST /test/reset            # clears what the program holds in memory")
	w.line("#ignore: [log, orders.attempts]     # tables and columns that may differ")
	w.line("#invariants: {never below zero: SELECT * FROM stock WHERE left_over < 0}")
	return w.String()
}

func (p *Proposal) database(w *page) {
	w.line("# A throwaway server of this kind is started. A URL names a server of your own, where lastseat makes a database and drops it at the end.")
	if p.Engine == nil {
		w.line("# EXAMPLE: no driver was found.")
		w.line("database: %s", p.example)
	} else {
		w.line("database: %s%s", p.Engine.Name, strings.Repeat(" ", max(1, 27-len(p.Engine.Name)))+"# "+p.Driver)
	}
	w.line("")
}

func (p *Proposal) setup(w *page) {
	w.line("# What makes the tables: a file of SQL, SQL itself, or {run: a command}; a list of them. seed: fills them, in the same forms.")
	switch {
	case len(p.Setup) > 0:
		for _, s := range p.Setup {
			w.line("setup: %s", cmp.Or(s.File, "{run: "+quoted(s.Run)+"}"))
		}
	case p.SetupBy != "":
		w.line("# %s.", p.SetupBy)
		w.line("#setup: schema.sql")
	default:
		w.line("# None was found: without setup: the program must make its tables when it starts.")
		w.line("#setup: schema.sql")
	}
	w.line("#seed: INSERT INTO stock VALUES ('hat', 1)")
	w.line("")
}

func (p *Proposal) app(w *page) {
	w.line("# It must listen at the port that PORT says ({listen} in a command), and find its database in DATABASE_URL, PGHOST … or DB_HOST ….")
	if p.App == "" {
		w.line("# EXAMPLE: no command was found.")
	}
	w.line("app: %s", quoted(cmp.Or(p.App, exampleApp)))
	if len(p.Env) > 0 {
		w.line("env:                                # further variables, for a program that has names of its own")
		for _, v := range p.Env {
			w.line("  %s: %s", v.Name, quoted(v.Value))
		}
	} else {
		w.line(`#env: {MY_DB: "{url}"}             # further variables; also {host}, {port}, {user}, {password}, {name}`)
	}
	w.line("")
}

const exampleApp = "node shop.js"

func (p *Proposal) operations(w *page) {
	w.line("# Requests by name. Each pair of them is run in every order of its statements, each with itself too. {client} is a, b, …; {id} a UUID.")
	if len(p.Routes) == 0 {
		w.line("# EXAMPLE: no route was recognised in the program's source.")
		w.line("operations:")
		w.line("  buy: POST /buy?customer={client}")
	} else {
		w.line("# From the program's routes: give them what they need. A value in a path is 1.")
		w.line("operations:")
	}
	taken := map[string]bool{}
	for i, r := range p.Routes {
		name := r.Name()
		for n := 2; taken[name]; n++ {
			name = r.Name() + "-" + strconv.Itoa(n)
		}
		taken[name] = true
		comment := ""
		if i >= mostOperations {
			comment = "#"
		}
		if i < mostOperations+mostShown {
			request := fmt.Sprintf("%s: %s %s", key(name), r.Method, r.Filled())
			w.line("%s  %s%s", comment, request, strings.Repeat(" ", max(1, 34-len(comment)-len(request)))+"# "+r.File)
		}
	}
	if n := len(p.Routes) - mostOperations - mostShown; n > 0 {
		w.line("  # and %d more routes", n)
	}
	w.line("  # with parts:")
	w.line("  #pay:")
	w.line("  #  request: POST /pay")
	w.line(`  #  headers: {X-Key: "{id}"}`)
	w.line(`  #  body: '{"customer": "{client}", "amount": 5}'      # or form: {amount: 5}`)
	w.line("  #  rejected: [409, {text: sold out}]")
}

// plain is a text that YAML takes as it is.
var plain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9 _./?=&+@{}:-]*$`) })

// quoted is a text as a YAML value.
func quoted(text string) string {
	if plain().MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && strings.TrimSpace(text) == text && !isWord(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// key is a name as a YAML key.
func key(name string) string {
	if regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`).MatchString(name) && !isWord(name) {
		return name
	}
	return "'" + name + "'"
}

// isWord reports whether YAML takes a text for something else than a text.
func isWord(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf":
		return true
	}
	return false
}

// Summary says in a line what was written.
func (p *Proposal) Summary() string {
	if p.Kind == "" {
		return "wrote " + Name + ", all of it an example: nothing here was recognised. Write what your program needs, then: lastseat explore " + Name
	}
	text := "wrote " + Name + " for " + p.Kind
	if p.Engine != nil {
		text += " on " + p.Engine.Product + " (" + p.Driver + ")"
	}
	open := 0
	for line := range strings.Lines(p.Text()) {
		if strings.HasPrefix(line, "# EXAMPLE") {
			open++
		}
	}
	if open > 0 {
		text += "; what could not be seen is an EXAMPLE in it"
	}
	return text + ". Look it over, then: lastseat explore " + Name
}
