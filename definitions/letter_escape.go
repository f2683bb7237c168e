package definitions

import (
	"strings"
	"unicode"
)

// EscapeMarkdown makes a value that came from outside safe to stand inside a
// Markdown text: every ASCII punctuation mark that means anything to Markdown
// is escaped, so that none of it can act as markup, a link or HTML; line breaks
// and runs of space become one space, so that it cannot begin a block; control
// characters go.
func EscapeMarkdown(s string) string {
	s = inline(s)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, r := range s {
		if strings.ContainsRune(markdownMarks, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markdownMarks are the ASCII punctuation marks without , ; ? / and %, which
// act only together with one that is escaped.
const markdownMarks = "!\"#$&'()*+-.:<=>@[\\]^_`{|}~"

// inline puts a value on one line: no line breaks, no control characters, no
// characters that turn the direction of the text around them, single spaces.
func inline(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f', r == '\u2028', r == '\u2029':
			return ' '
		case isActing(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// isActing reports whether a character is not one to read but one that acts:
// controls, and the marks that override the direction of text.
func isActing(r rune) bool {
	return unicode.IsControl(r) || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069') || r == '\ufeff'
}

// shorten cuts a text to so many runes and shows that it did.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
