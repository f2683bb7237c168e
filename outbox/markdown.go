package outbox

import (
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is CommonMark without raw HTML: a tag in a letter is text like any other.
var markdown = parser.NewParser(
	parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
	parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
	parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
)

func without(parsers []util.PrioritizedValue, unwanted any) []util.PrioritizedValue {
	var kept []util.PrioritizedValue
	for _, p := range parsers {
		if p.Value != unwanted {
			kept = append(kept, p)
		}
	}
	return kept
}

// Markdown renders the body of a letter twice: as text that reads well by itself, and as a whole HTML page whose only markup is
// what the Markdown asks for. Links lead to http, https, mailto and tel addresses only; an image becomes its description.
func Markdown(md string) (plain, page string) {
	source := []byte(strings.ToValidUTF8(md, "\uFFFD"))
	document := markdown.Parse(text.NewReader(source))
	plain = plainRenderer{source}.blocks(document, "\n\n")
	if plain != "" {
		plain += "\n"
	}
	return plain, pageStart + htmlRenderer{source}.blocks(document) + pageEnd
}

var characterReference = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);`)

// literal resolves backslash escapes and character references in one pass, so that an escaped ampersand begins no reference.
func literal(segment []byte) string {
	var out strings.Builder
	for i := 0; i < len(segment); i++ {
		switch c := segment[i]; {
		case c == '\\' && i+1 < len(segment) && util.IsPunct(segment[i+1]):
			i++
			out.WriteByte(segment[i])
		case c == '&':
			reference := characterReference.Find(segment[i:])
			if reference == nil {
				out.WriteByte(c)
				continue
			}
			out.WriteString(html.UnescapeString(string(reference)))
			i += len(reference) - 1
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// linkTarget returns the address of a link, or "" for one that a letter must not carry.
func linkTarget(destination []byte, resolve bool) string {
	target := string(util.URLEscape(destination, resolve))
	parsed, err := url.Parse(target)
	if err != nil {
		return ""
	}
	switch strings.ToLower(parsed.Scheme) {
	case "http", "https", "mailto", "tel":
		return target
	}
	return ""
}

func autoLinkTarget(link *ast.AutoLink, source []byte) string {
	target := link.URL(source)
	if link.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(string(target)), "mailto:") {
		target = append([]byte("mailto:"), target...)
	}
	return linkTarget(target, false)
}

func codeLines(n ast.Node, source []byte) string {
	return strings.TrimRight(string(n.Lines().Value(source)), "\n")
}
