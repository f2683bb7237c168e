package web

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var letterPolicy = letterRules()

// letterRules leave words, tables and links of a message: nothing that loads,
// runs, is sent, or dresses up as a part of the page.
func letterRules() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "b", "strong", "i", "em", "u", "s",
		"small", "sub", "sup", "code", "pre", "blockquote", "br", "hr", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.SkipElementsContent("title", "head", "svg", "math", "select", "button", "textarea", "template", "noscript", "iframe", "object")
	return p
}

// longestHTML is how much of an HTML message the page shows; the text and the
// message itself have the rest.
const longestHTML = 200 << 10

// letterHTML makes HTML that came by mail safe to show. Behind each link stands
// where it leads, unless its words say so themselves.
func letterHTML(source string) template.HTML {
	if strings.TrimSpace(source) == "" {
		return ""
	}
	clean := letterPolicy.Sanitize(readable(clip(source, longestHTML)))
	inside := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(clean), inside)
	if err != nil {
		return ""
	}
	var out bytes.Buffer
	for _, n := range nodes {
		inside.AppendChild(n)
	}
	tellLinks(inside)
	for n := inside.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&out, n); err != nil {
			return ""
		}
	}
	if strings.TrimSpace(textOf(inside)) == "" {
		return ""
	}
	return template.HTML(out.String())
}

func tellLinks(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		tellLinks(c)
	}
	if n.DataAtom != atom.A {
		return
	}
	for i := range n.Attr {
		if n.Attr[i].Key != "href" {
			continue
		}
		to := n.Attr[i].Val
		plain := strings.TrimPrefix(strings.TrimPrefix(to, "mailto:"), "tel:")
		if said := strings.TrimSpace(textOf(n)); said == to || said == plain {
			return
		}
		where := &html.Node{Type: html.ElementNode, Data: "span", DataAtom: atom.Span, Attr: []html.Attribute{{Key: "class", Val: "where"}}}
		where.AppendChild(&html.Node{Type: html.TextNode, Data: " (" + clip(plain, 160) + ")"})
		n.AppendChild(where)
		return
	}
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}
