package wire

// Word is a name or a keyword of a statement.
type Word struct {
	Text   string // without quotes
	Quoted bool
	Call   bool // an opening parenthesis follows
}

// Words are the words of each statement in a text, without strings and comments. Numbers count as words. What stands in double
// quotes does too, although it is a string for MySQL in some of its modes.
func (p Protocol) Words(sql string) (statements [][]Word) {
	for rest := sql; rest != ""; {
		var one string
		one, rest = p.grammar.cut(rest)
		if words := p.grammar.words(one); len(words) > 0 {
			statements = append(statements, words)
		}
	}
	return statements
}

func (g grammar) words(one string) (words []Word) {
	for i := 0; i < len(one); {
		switch n := g.span(one[i:], i > 0 && wordByte(one[i-1])); {
		case n > 2 && (one[i] == '"' || one[i] == '`'):
			words = append(words, Word{Text: one[i+1 : i+n-1], Quoted: true})
			i += n
		case n > 0:
			i += n
		case wordByte(one[i]):
			from := i
			for i < len(one) && wordByte(one[i]) {
				i++
			}
			words = append(words, Word{Text: one[from:i]})
		default:
			if one[i] == '(' && len(words) > 0 {
				words[len(words)-1].Call = true
			}
			i++
		}
	}
	return words
}
