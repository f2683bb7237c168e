package outbox

import (
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Mail readers drop style sheets, so what little style there is stands in the elements.
const (
	pageStart = `<!DOCTYPE html>
<html><head><meta charset="utf-8"></head>
<body style="font-family: Arial, Helvetica, sans-serif; font-size: 15px; line-height: 1.5; color: #222222">
`
	pageEnd    = "</body></html>\n"
	quoteStyle = "margin: 0 0 1em 0; padding-left: 1em; border-left: 3px solid #cccccc"
	codeStyle  = "font-family: Consolas, monospace"
)

// htmlRenderer writes a document as HTML. Every text and address is escaped here, so the markup is only what this file writes.
type htmlRenderer struct{ source []byte }

func (r htmlRenderer) blocks(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		out.WriteString(r.block(n))
	}
	return out.String()
}

func (r htmlRenderer) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Paragraph:
		return "<p>" + r.inline(n) + "</p>\n"
	case *ast.Heading:
		return fmt.Sprintf("<h%d>%s</h%d>\n", n.Level, r.inline(n), n.Level)
	case *ast.ThematicBreak:
		return "<hr>\n"
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return `<pre style="` + codeStyle + `">` + html.EscapeString(codeLines(n, r.source)) + "</pre>\n"
	case *ast.Blockquote:
		return `<blockquote style="` + quoteStyle + `">` + "\n" + r.blocks(n) + "</blockquote>\n"
	case *ast.List:
		return r.list(n)
	case *ast.ListItem:
		return "<li>" + strings.TrimSuffix(r.blocks(n), "\n") + "</li>\n"
	default:
		return r.inline(n) + "\n"
	}
}

func (r htmlRenderer) list(n *ast.List) string {
	switch {
	case !n.IsOrdered():
		return "<ul>\n" + r.blocks(n) + "</ul>\n"
	case n.Start != 1:
		return fmt.Sprintf("<ol start=\"%d\">\n%s</ol>\n", n.Start, r.blocks(n))
	default:
		return "<ol>\n" + r.blocks(n) + "</ol>\n"
	}
}

func (r htmlRenderer) inline(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			out.WriteString(r.text(n))
		case *ast.CodeSpan:
			out.WriteString(`<code style="` + codeStyle + `">` + r.inline(n) + "</code>")
		case *ast.Emphasis:
			tag := "em"
			if n.Level > 1 {
				tag = "strong"
			}
			out.WriteString("<" + tag + ">" + r.inline(n) + "</" + tag + ">")
		case *ast.Link:
			out.WriteString(anchor(linkTarget(n.Destination, true), r.inline(n)))
		case *ast.AutoLink:
			out.WriteString(anchor(autoLinkTarget(n, r.source), html.EscapeString(string(n.Label(r.source)))))
		default:
			out.WriteString(r.inline(n))
		}
	}
	return out.String()
}

func (r htmlRenderer) text(n *ast.Text) string {
	value := string(n.Value(r.source))
	if !n.IsRaw() {
		value = literal(n.Value(r.source))
	}
	value = html.EscapeString(value)
	switch {
	case n.HardLineBreak():
		return value + "<br>\n"
	case n.SoftLineBreak():
		return value + "\n"
	default:
		return value
	}
}

func anchor(target, words string) string {
	if target == "" {
		return words
	}
	if words == "" {
		words = html.EscapeString(target)
	}
	return `<a href="` + html.EscapeString(target) + `">` + words + "</a>"
}
