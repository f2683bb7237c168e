package definitions

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// position is a place in a file, both counted from 1, columns in runes.
type position struct{ line, col int }

// position is where a node begins.
func (s *source) position(n *yaml.Node) position {
	if n == nil {
		return position{1 + s.offset, 1}
	}
	return position{max(n.Line, 1) + s.offset, max(n.Column, 1)}
}

// within is where the rune at an offset of a scalar's value stands in the file,
// quotes, escapes and block indentation taken into account.
func (s *source) within(n *yaml.Node, offset int) position {
	at := s.position(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return at
	}
	if n.Anchor != "" {
		// A node begins at its anchor, &name, and the value after it.
		line := []rune(s.line(at.line))
		at.col = min(at.col+1+utf8.RuneCountInString(n.Anchor), len(line)+1)
		for at.col <= len(line) && line[at.col-1] == ' ' {
			at.col++
		}
	}
	offset = max(offset, 0)
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return s.withinBlock(at, n.Style, offset)
	}
	return s.withinFlow(at, n.Style, offset)
}

// withinFlow walks a plain or quoted scalar. A line break within it, with the
// blanks around, stands for one space.
func (s *source) withinFlow(at position, style yaml.Style, offset int) position {
	line := []rune(s.line(at.line))
	col := at.col // of the rune to look at next, from 1
	if style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		col++
	}
	for ; offset > 0; offset-- {
		rest := line[min(col-1, len(line)):]
		if strings.TrimSpace(string(rest)) == "" {
			next := s.line(at.line + 1)
			if at.line >= len(s.starts) {
				break
			}
			at.line++
			line = []rune(next)
			col = len(line) - len([]rune(strings.TrimLeft(next, " \t"))) + 1
			continue
		}
		switch {
		case style&yaml.SingleQuotedStyle != 0 && strings.HasPrefix(string(rest[:min(2, len(rest))]), "''"):
			col += 2
		case style&yaml.DoubleQuotedStyle != 0 && rest[0] == '\\':
			col += escapeLength(rest)
		default:
			col++
		}
	}
	return position{at.line, col}
}

// escapeLength is how many runes the escape at the start of the text takes.
func escapeLength(rest []rune) int {
	if len(rest) > 1 {
		switch rest[1] {
		case 'x':
			return 4
		case 'u':
			return 6
		case 'U':
			return 10
		}
	}
	return 2
}

// withinBlock walks the lines under a | or >, whose indentation is that of the
// first line with text.
func (s *source) withinBlock(at position, style yaml.Style, offset int) position {
	at.line++
	first := at.line
	for strings.TrimSpace(s.line(first)) == "" && first < len(s.starts) {
		first++
	}
	indent := len(s.line(first)) - len(strings.TrimLeft(s.line(first), " "))
	for at.line < len(s.starts) {
		length := max(utf8.RuneCountInString(s.line(at.line))-indent, 0)
		if offset <= length {
			break
		}
		offset -= length
		// A > takes the end of a line before an empty one away.
		if style&yaml.FoldedStyle == 0 || length == 0 || strings.TrimSpace(s.line(at.line+1)) != "" {
			offset--
		}
		at.line++
	}
	return position{at.line, indent + max(offset, 0) + 1}
}
