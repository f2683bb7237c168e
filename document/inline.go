package document

import (
	"html"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// style is how a run of text is set.
type style struct {
	bold, italic bool
	size         float64 // in points; 0: that of the body
}

func (s style) name() string {
	name := ""
	if s.bold {
		name += "B"
	}
	if s.italic {
		name += "I"
	}
	return name
}

func (s style) points() float64 {
	if s.size > 0 {
		return s.size
	}
	return bodySize
}

func (s style) height() float64 {
	if s.size > 0 {
		return s.size * 0.5
	}
	return lineHeight
}

func (w *writer) font(s style) { w.pdf.SetFont(family, s.name(), s.points()) }

// inline writes the runs of a block one after another; they wrap as one text.
func (w *writer) inline(parent ast.Node, s style) {
	w.runs(parent, s, func(text string, s style, link string) {
		w.font(s)
		switch {
		case text == "\n":
			w.pdf.Ln(s.height())
		case link != "":
			w.pdf.SetTextColor(20, 70, 160)
			w.pdf.WriteLinkString(s.height(), text, link)
			w.pdf.SetTextColor(0, 0, 0)
		default:
			w.write(text, s)
		}
	})
	w.font(style{})
}

func (w *writer) write(text string, s style) {
	for len(text) > 0 {
		var piece string
		piece, text = cut(text)
		w.pdf.Write(s.height(), piece)
	}
}

// longestPiece bounds, in bytes, how much text is written at once: the time that
// the library takes grows with the square of it.
const longestPiece = 400

// cut takes a piece off a text, up to a space where there is one.
func cut(text string) (piece, rest string) {
	if len(text) <= longestPiece {
		return text, ""
	}
	end := strings.LastIndexByte(text[:longestPiece], ' ') + 1
	if end == 0 {
		end = longestPiece
		for !utf8.RuneStart(text[end]) {
			end--
		}
	}
	return text[:end], text[end:]
}

// runs gives the text of a block run by run, with where a link leads; a line
// break is a run of its own.
func (w *writer) runs(parent ast.Node, s style, give func(text string, s style, link string)) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if text := w.text(n); text != "" {
				give(text, s, "")
			}
			if n.HardLineBreak() {
				give("\n", s, "")
			} else if n.SoftLineBreak() {
				give(" ", s, "")
			}
		case *ast.String:
			give(string(n.Value), s, "")
		case *ast.Emphasis:
			inner := s
			if n.Level > 1 {
				inner.bold = true
			} else {
				inner.italic = true
			}
			w.runs(n, inner, give)
		case *ast.Link:
			target := linkTarget(string(util.URLEscape(n.Destination, true)))
			w.runs(n, s, func(text string, s style, _ string) { give(text, s, target) })
		case *ast.AutoLink:
			give(string(n.Label(w.source)), s, linkTarget(string(n.URL(w.source))))
		default:
			w.runs(n, s, give)
		}
	}
}

func (w *writer) text(n *ast.Text) string {
	if n.IsRaw() {
		return string(n.Value(w.source))
	}
	return literal(string(n.Value(w.source)))
}

// literal resolves backslash escapes and character references.
func literal(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		i := strings.IndexAny(s, `\&`)
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		if s[0] == '\\' && len(s) > 1 && util.IsPunct(s[1]) {
			out.WriteByte(s[1])
			s = s[2:]
			continue
		}
		end := strings.IndexByte(s, ';')
		if s[0] == '&' && end > 1 && end < 32 && !strings.ContainsAny(s[1:end], `\& `) {
			out.WriteString(clean(html.UnescapeString(s[:end+1])))
			s = s[end+1:]
			continue
		}
		out.WriteByte(s[0])
		s = s[1:]
	}
	out.WriteString(s)
	return out.String()
}

// linkTarget is where a link may lead from a document: the web, a mailbox, a telephone.
func linkTarget(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto", "tel":
		return address
	}
	return ""
}
