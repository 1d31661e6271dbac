package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|href|srcset)="([^"]+)"`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
)

// anchors are those that GitHub gives to a page's headings.
func anchors(page string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(page, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		all = append(all, anchor)
	}
	return all
}

// deadLinks are the links of a page, a file in the folder dir, that lead to no file or to no heading of it.
func deadLinks(dir, page string) []string {
	var dead []string
	text := codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(page, ""), "")
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		to := m[1] + m[2]
		if strings.Contains(to, "://") {
			continue
		}
		file, anchor, _ := strings.Cut(to, "#")
		target := page
		if file != "" {
			info, err := os.Stat(filepath.Join(dir, file))
			if err != nil {
				dead = append(dead, to)
				continue
			}
			if info.IsDir() {
				continue
			}
			content, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				dead = append(dead, to)
				continue
			}
			target = string(content)
		}
		if anchor != "" && !slices.Contains(anchors(target), anchor) {
			dead = append(dead, to)
		}
	}
	return dead
}

// TestLinks: every relative link of the pages leads to a file, and to a heading that the file has.
func TestLinks(t *testing.T) {
	texts := pages(t)
	for _, page := range slices.Sorted(maps.Keys(texts)) {
		for _, to := range deadLinks(filepath.Join("../..", filepath.Dir(page)), texts[page]) {
			t.Errorf("%s links to %s, which leads nowhere", page, to)
		}
	}
	index := texts["docs/README.md"]
	for page := range texts {
		if name, ok := strings.CutPrefix(page, "docs/"); ok && name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", page)
		}
	}
}

func TestDeadLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "other.md"), []byte("# One\n```\n# no heading\n```\n## What `x` does, and why?\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	page := "# Here\n[a](other.md) [b](other.md#what-x-does-and-why) [c](#here) [d](https://x.org/y) `[e](no.md)`\n" +
		"<img src=\"no.svg\"> [f](no.md) [g](other.md#two) [h](#there) [i](other.md#no-heading)\n"
	if got, want := deadLinks(dir, page), []string{"no.svg", "no.md", "other.md#two", "#there", "other.md#no-heading"}; !slices.Equal(got, want) {
		t.Errorf("dead links are %q, want %q", got, want)
	}
}

// TestReadmeIsShort: the first page is for deciding and starting; the rest is in docs.
func TestReadmeIsShort(t *testing.T) {
	if n := strings.Count(pages(t)["README.md"], "\n"); n > 150 {
		t.Errorf("README.md has %d lines, want at most 150", n)
	}
}
