package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// UnlikeError says why results cannot be compared.
type UnlikeError struct{ Differs []string }

func (e *UnlikeError) Error() string {
	return "these results cannot be compared: " + strings.Join(e.Differs, "; ") + "; measure one of them again, with the same load"
}

// notLoad are flags of run that choose rows, or say what is made of them, and do not change what a row does.
var notLoad = []string{
	"target", "workload", "strategy", "isolation", "concurrency", "cells", "rate", "zipfian-constant", "only", "reference", "random-seed", "runs", "strict", "explain", "budget", "fail-if", "baseline", "progress", "quiet",
}

// loadOf is what the flags of a command line say of the load.
func loadOf(command string) map[string]string {
	load := map[string]string{}
	words := words(command)
	for i := 0; i < len(words); i++ {
		name, long := strings.CutPrefix(words[i], "--")
		name, value, with := strings.Cut(name, "=")
		if !long {
			continue
		}
		if !with && i+1 < len(words) {
			i++
			value = words[i]
		}
		if !slices.Contains(notLoad, name) {
			load["--"+name] = value
		}
	}
	return load
}

// words are those of a command line as reports write it: some in single quotes.
func words(line string) (all []string) {
	var word strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			quoted, begun = !quoted, true
		case c == '\\' && !quoted && i+1 < len(line):
			i++
			word.WriteByte(line[i])
		case c == ' ' && !quoted:
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		all = append(all, word.String())
	}
	return all
}

// Alike says what is unlike in the loads of two sides; nil: nothing.
func Alike(old, now *Side) error { return alike(old, now, "the old", "the new") }

// commands are what makes results of kinds whose names do not say it.
var commands = map[string]string{"program": "explore FILE.yaml", "program-load": "run FILE.yaml"}

func made(kind string) string { return "lastseat " + cmp.Or(commands[kind], kind) }

func alike(a, b *Side, first, second string) error {
	if a.Kind != b.Kind {
		return &UnlikeError{[]string{fmt.Sprintf("%s is of %s and %s of %s", first, made(a.Kind), second, made(b.Kind))}}
	}
	var differs []string
	keys := slices.Sorted(maps.Keys(a.Load))
	for _, key := range slices.Sorted(maps.Keys(b.Load)) {
		if _, both := a.Load[key]; !both {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if x, y := a.Load[key], b.Load[key]; x != y {
			differs = append(differs, fmt.Sprintf("%s is %s in %s and %s in %s", key, said(x), first, said(y), second))
		}
	}
	if len(differs) > 0 {
		return &UnlikeError{differs}
	}
	return nil
}

func said(value string) string {
	if value == "" {
		return "not given"
	}
	return value
}

// common says why no row is on both sides.
func common(old, now *Side) error {
	for i := range old.Rows {
		if now.row(old.Rows[i].Key) != nil {
			return nil
		}
	}
	var differs []string
	for _, axis := range slices.Sorted(maps.Keys(old.axes)) {
		if x, y := old.axes[axis], now.axes[axis]; !slices.ContainsFunc(x, func(v string) bool { return slices.Contains(y, v) }) {
			differs = append(differs, fmt.Sprintf("%s: %s in the old and %s in the new", axis, strings.Join(x, ", "), said(strings.Join(y, ", "))))
		}
	}
	if len(differs) == 0 {
		differs = []string{fmt.Sprintf("no row is in both: the old has %s, the new %s", namesOf(old.Rows), namesOf(now.Rows))}
	}
	return &UnlikeError{differs}
}
