package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/trace"
)

// Text shows so many pairs of a kind at most; the other forms have all.
const (
	mostRacing = 40
	mostApart  = 40
)

// TraceText writes what operations do and which could race, in lines of so many columns; 0: the usual ones.
func TraceText(w io.Writer, width int, all []trace.Report) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	for i := range all {
		r := &all[i]
		p.blank()
		p.traceHead(r)
		for k := range r.Operations {
			p.operation(r, &r.Operations[k])
		}
		p.racing(r)
		p.notRacing(r)
		p.blank()
		for _, n := range r.Notes {
			p.para("", n)
		}
		p.para("", "Nothing of this was tried. What is said to could race may be safe, and the others may race: tables are told apart here, rows are not, and what an operation does in other cases was not seen. "+decides(r))
	}
	return p.flush(w)
}

// decides says what decides whether a pair races.
func decides(r *trace.Report) string {
	if r.Recording {
		return "lastseat init writes a file for the program, and lastseat explore with that decides."
	}
	return "lastseat explore decides, by playing every order."
}

func (p *page) traceHead(r *trace.Report) {
	server := r.Server
	if r.Throwaway {
		server += " (throwaway)"
	}
	if r.Recording {
		p.para("", fmt.Sprintf("%s: %s on %s at %s, recorded in use", r.File, plural(r.Statements, "statement"), server, r.Level))
		return
	}
	p.para("", fmt.Sprintf("%s: %s on %s at %s, each operation once, alone", r.File, r.App, server, r.Level))
	if r.Rights != "" {
		p.para("", r.Rights)
	}
	if r.App != "SQL" {
		p.para("", "Mails, payments and other services that it calls are really called.")
	}
}

// operation writes what an operation does, a line a statement.
func (p *page) operation(r *trace.Report, o *trace.Operation) {
	p.blank()
	p.para("", operationTitle(r, o))
	if len(o.Transactions) == 0 {
		p.line("  touches no table")
	}
	for i := range o.Transactions {
		t := &o.Transactions[i]
		p.line("  " + transactionTitle(t))
		for k := range t.Statements {
			s := &t.Statements[k]
			p.para("    ", s.SQL)
			p.para("      ", does(s))
		}
	}
}

func operationTitle(r *trace.Report, o *trace.Operation) string {
	if r.Recording {
		return fmt.Sprintf("%s: seen %s", o.Name, plural(o.Seen, "time"))
	}
	title := fmt.Sprintf("%s: answered %s, after %s", o.Name, o.Answer, plural(o.Sent, "statement"))
	if o.Refused {
		title += "; it was refused, so what it does otherwise was not seen"
	}
	return title
}

func transactionTitle(t *trace.Transaction) string {
	end := "COMMIT"
	switch {
	case t.Autocommitted && t.RolledBack:
		return fmt.Sprintf("outside a transaction, refused, at %s", t.Level)
	case t.Autocommitted:
		return fmt.Sprintf("outside a transaction, committed by itself, at %s", t.Level)
	case t.RolledBack:
		end = "ROLLBACK"
	}
	return fmt.Sprintf("BEGIN … %s, at %s", end, t.Level)
}

// does says what a statement reads, writes and locks.
func does(s *trace.Statement) string {
	if s.Unseen != "" {
		return "does what cannot be seen from outside"
	}
	var parts []string
	if reads := strings.Join(s.Reads, ", "); reads != "" {
		parts = append(parts, "reads "+reads)
	}
	switch writes := strings.Join(s.Writes, ", "); {
	case writes == "":
	case s.Adds:
		parts = append(parts, "adds to "+writes)
	default:
		parts = append(parts, "writes "+writes)
	}
	if len(s.Checks) > 0 {
		parts = append(parts, "only if "+strings.Join(s.Checks, " and ")+" is as it says")
	}
	if len(s.Reaches) > 0 {
		parts = append(parts, "may write "+strings.Join(s.Reaches, ", ")+" by a foreign key")
	}
	for _, l := range s.Locks {
		parts = append(parts, lockWords(s, l))
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if s.Inside {
		parts = append(parts, "others can come in between what it reads and that")
	}
	if s.Error != "" {
		parts = append(parts, "error "+s.Error)
	}
	return strings.Join(parts, "; ")
}

func lockWords(s *trace.Statement, l trace.Lock) string {
	switch l.Kind {
	case trace.Write:
		if s.Adds {
			return ""
		}
		return "locks the rows of " + l.On + " that it writes"
	case trace.Release:
		return "gives its locks back (" + l.On + ")"
	case trace.Advisory:
		text := "takes a lock (" + l.On + ")"
		if l.Session {
			text += " that outlasts the transaction"
		}
		if l.Try {
			text += ", if it is free"
		}
		return text
	case trace.Table:
		return "locks all of " + l.On
	}
	return fmt.Sprintf("locks rows of %s (%s)", l.On, l.Kind)
}

// racing writes the pairs that could race, and why.
func (p *page) racing(r *trace.Report) {
	n := r.Racing()
	if n == 0 {
		return // why, of each pair, comes below
	}
	p.blank()
	p.para("", "Could race:")
	shown := 0
	for i := range r.Pairs {
		pair := &r.Pairs[i]
		if !pair.Could || shown == mostRacing {
			continue
		}
		shown++
		p.line("  " + pairName(pair))
		for _, reason := range pair.Reasons {
			p.para("    ", reason.Text)
		}
		if pair.Unless != "" {
			p.para("    ", "Not so if it is the same for both: "+pair.Unless)
		}
		if pair.Deadlock != "" {
			p.para("    ", "Deadlock possible: "+pair.Deadlock)
		}
		if c := TraceCommand(r, pair); c != "" {
			p.line("    " + c)
		}
	}
	if n > shown {
		p.para("  ", fmt.Sprintf("… and %s more; --json has all.", plural(n-shown, "pair")))
	}
}

// notRacing writes the pairs that were not seen to, and why.
func (p *page) notRacing(r *trace.Report) {
	n := len(r.Pairs) - r.Racing()
	if n == 0 {
		return
	}
	p.blank()
	p.para("", "No reason was seen why these could:")
	shown := 0
	for i := range r.Pairs {
		pair := &r.Pairs[i]
		if pair.Could || shown == mostApart {
			continue
		}
		shown++
		p.para("  "+pairName(pair)+": ", pair.Why)
		if pair.Deadlock != "" {
			p.para("    ", "Deadlock possible: "+pair.Deadlock)
		}
	}
	if n > shown {
		p.para("  ", fmt.Sprintf("… and %s more; --json has all.", plural(n-shown, "pair")))
	}
}

func pairName(p *trace.Pair) string { return p.Operations[0] + " with " + p.Operations[1] }

// TraceCommand is what decides whether a pair races; empty: nothing is known that does.
func TraceCommand(r *trace.Report, pair *trace.Pair) string {
	if r.Recording || !pair.Could {
		return ""
	}
	text := fmt.Sprintf("lastseat explore %s --only %s", ShellWord(r.File), ShellWord(pair.Operations[0]+","+pair.Operations[1]))
	if r.Asked {
		text += " --isolation " + string(r.Level)
	}
	return text
}
