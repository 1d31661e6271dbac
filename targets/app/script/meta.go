package script

import "strings"

// elsewhere are the meta commands that pgbench has beside those that there are here, with what may stand in their place.
var elsewhere = map[string]string{
	"aset":          `\gset takes the row of one statement`,
	"shell":         "run: of the file takes a command",
	"setshell":      "run: of the file takes a command",
	"startpipeline": "statements are sent one by one",
	"syncpipeline":  "statements are sent one by one",
	"endpipeline":   "statements are sent one by one",
}

// meta reads a meta command.
func (p *parser) meta() (err error) {
	line := p.line()
	verb, rest := p.metaLine()
	c := command{line: line, verb: verb}
	switch verb {
	case "set":
		name, value, _ := strings.Cut(rest, " ")
		if !isName(name) || strings.TrimSpace(value) == "" {
			return p.errorf(line, `\set needs a name and a value, as in \set amount random(1, 5)`)
		}
		c.name = name
		if c.expr, err = p.expression(value, line); err != nil {
			return err
		}
		p.known[name] = true
	case "sleep":
		return p.sleep(c, rest)
	case "if", "elif", "else", "endif":
		return p.branch(c, rest)
	case "gset":
		return p.errorf(line, `\gset stands behind a statement, in the place of its semicolon`)
	default:
		if instead := elsewhere[verb]; instead != "" {
			return p.errorf(line, `\%s of pgbench is not there: %s; there are %s`, verb, instead, Metas)
		}
		return p.errorf(line, `\%s is not known; there are %s`, verb, Metas)
	}
	p.commands = append(p.commands, c)
	return nil
}

func (p *parser) sleep(c command, rest string) (err error) {
	words := strings.Fields(rest)
	if c.unit = "s"; len(words) == 2 {
		c.unit = words[1]
	}
	if len(words) == 1 {
		for _, unit := range []string{"us", "ms", "s"} {
			if number, ok := strings.CutSuffix(words[0], unit); ok && number != "" && !strings.HasPrefix(words[0], ":") {
				words[0], c.unit = number, unit
				break
			}
		}
	}
	if len(words) == 0 || len(words) > 2 || c.unit != "us" && c.unit != "ms" && c.unit != "s" {
		return p.errorf(c.line, `\sleep needs a number and a unit, as in \sleep 10 ms; units are us, ms, s`)
	}
	if c.expr, err = p.expression(words[0], c.line); err == nil {
		p.commands = append(p.commands, c)
	}
	return err
}

// branch reads what decides which commands are carried out.
func (p *parser) branch(c command, rest string) (err error) {
	n := len(p.blocks) - 1
	if c.verb != "if" && n < 0 {
		return p.errorf(c.line, `\%s has no \if`, c.verb)
	}
	tests := c.verb == "if" || c.verb == "elif"
	switch {
	case tests && rest == "":
		return p.errorf(c.line, `\%s needs a condition, as in \if :left_over > 0`, c.verb)
	case !tests && rest != "":
		return p.errorf(c.line, `\%s takes no condition`, c.verb)
	case c.verb != "if" && c.verb != "endif" && p.blocks[n].test < 0:
		return p.errorf(c.line, `\%s comes after \else`, c.verb)
	}
	if tests {
		if c.expr, err = p.expression(rest, c.line); err != nil {
			return err
		}
	}
	if c.verb == "elif" || c.verb == "else" { // the branch before ends here
		p.blocks[n].leave = append(p.blocks[n].leave, len(p.commands))
		p.commands = append(p.commands, command{line: c.line, verb: "else"})
	}
	here := len(p.commands)
	switch c.verb {
	case "if":
		p.blocks = append(p.blocks, block{line: c.line, test: here})
	case "elif":
		p.commands[p.blocks[n].test].target = here
		p.blocks[n].test = here
	case "else":
		p.commands[p.blocks[n].test].target = here
		p.blocks[n].test = -1
	case "endif":
		if test := p.blocks[n].test; test >= 0 {
			p.commands[test].target = here
		}
		for _, end := range p.blocks[n].leave {
			p.commands[end].target = here
		}
		p.blocks = p.blocks[:n]
	}
	if tests {
		p.commands = append(p.commands, c)
	}
	return nil
}
