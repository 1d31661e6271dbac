package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shownBlock is a block of a page that shows commands and what they print:
//
//	<!-- keep: /^seats on/ .. /^$/ -->
//	```console
//	$ lastseat run --target sqlite
//	…
//	```
//
// The comment above it is optional. Each line of it is a note:
//
//	keep: /FROM/ .. /TO/   what is shown of a longer output: from a line like FROM until before the next line like TO, or the end;
//	                       several with ; between them. A line "…" stands for lines left out.
//	exit: 1                the exit code, if it is not 0
//	at night: REASON       scripts/nightly runs it
//	slow: REASON           only -update runs it
//	by hand: REASON        no test runs it
type shownBlock struct {
	page  string // as docs/tour.md
	block string // what is between the fences
	notes map[string]string
	shown []shown
}

// shown is a command and its output.
type shown struct{ command, output string }

var (
	transcriptBlock = regexp.MustCompile("(?ms)^(?:<!--([^>]*?)-->\n)?```console\n(.*?)^```$")
	promptedBlock   = regexp.MustCompile("(?ms)^```(\\S*)\n\\$ (.*?)$")
	namedFile       = regexp.MustCompile("(?ms)^[^\n]*`([\\w-]+\\.(?:schedule|edn|jsonl))`:\n\n```\\S*\n(.*?)^```$")
)

// transcripts are those of a page.
func transcripts(page, text string) ([]shownBlock, error) {
	var all []shownBlock
	for _, m := range transcriptBlock.FindAllStringSubmatch(text, -1) {
		tr := shownBlock{page: page, block: m[2], notes: map[string]string{}}
		for line := range strings.Lines(m[1]) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			name, value, ok := strings.Cut(line, ": ")
			if !ok || !slices.Contains([]string{"keep", "exit", "at night", "slow", "by hand"}, name) {
				return nil, fmt.Errorf("%s: %q is no note of a transcript", page, line)
			}
			tr.notes[name] = value
		}
		for line := range strings.Lines(m[2]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				tr.shown = append(tr.shown, shown{command: strings.TrimSpace(command)})
			} else if n := len(tr.shown); n > 0 {
				tr.shown[n-1].output += line
			} else {
				return nil, fmt.Errorf("%s: a transcript begins with %q, not with a command", page, line)
			}
		}
		all = append(all, tr)
	}
	return all, nil
}

// kept is what the note keep leaves of an output.
func (tr shownBlock) kept(output string) (string, error) {
	note := tr.notes["keep"]
	if note == "" {
		return output, nil
	}
	lines := strings.SplitAfter(output, "\n")
	at, kept := 0, ""
	for part := range strings.SplitSeq(note, "; ") {
		from, to, ok := strings.Cut(part, " .. ")
		if !ok {
			return "", fmt.Errorf("keep wants /FROM/ .. /TO/, not %q", part)
		}
		first, err := lineLike(lines, at, from)
		if err != nil {
			return "", err
		}
		last, err := lineLike(lines, first+1, to)
		if err != nil {
			return "", err
		}
		if first > at {
			kept += "…\n"
		}
		kept += strings.Join(lines[first:last], "")
		at = last
	}
	if strings.TrimSpace(strings.Join(lines[at:], "")) != "" {
		kept += "…\n"
	}
	return kept, nil
}

// lineLike is the number of the first line, from one on, that matches /EXPRESSION/; the word end is the end.
func lineLike(lines []string, from int, expression string) (int, error) {
	if expression == "end" {
		return len(lines), nil
	}
	re, err := regexp.Compile(strings.Trim(expression, "/"))
	if err != nil {
		return 0, err
	}
	for i := from; i < len(lines); i++ {
		if re.MatchString(strings.TrimSuffix(lines[i], "\n")) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no line from the %dth on is like %s", from+1, expression)
}

// pages are the texts of README.md, CONTRIBUTING.md and docs, by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range append(names, "../../README.md", "../../CONTRIBUTING.md") {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.TrimPrefix(filepath.ToSlash(name), "../../")] = string(content)
	}
	return texts
}

func TestTranscriptNotes(t *testing.T) {
	page := "text\n\n<!--\nkeep: /^b/ .. /^d/; /^f/ .. end\nexit: 1\n-->\n```console\n$ one\na\nb\n$ two\n```\n"
	all, err := transcripts("x.md", page)
	if err != nil || len(all) != 1 || len(all[0].shown) != 2 || all[0].notes["exit"] != "1" || all[0].shown[0].output != "a\nb\n" {
		t.Fatalf("%+v, %v", all, err)
	}
	if kept, err := all[0].kept("a\nb\nc\nd\ne\nf\n"); err != nil || kept != "…\nb\nc\n…\nf\n" {
		t.Errorf("kept %q, %v", kept, err)
	}
	if _, err := all[0].kept("a\nb\nc\n"); err == nil {
		t.Error("what is to be kept is missing, and nobody says so")
	}
	for _, bad := range []string{"<!-- kept: /a/ -->\n```console\n$ a\n```\n", "```console\nno command\n```\n"} {
		if _, err := transcripts("x.md", bad); err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}
