package inbox

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlWriter turns the tokens of an HTML body into lines of text. It keeps no tree, so that a deep or unbalanced
// document costs no more than its length.
type htmlWriter struct {
	out   []*strings.Builder // the text itself, then one for each open table cell
	rows  []*tableRows       // the open tables
	skip  atom.Atom          // the element whose content is not shown
	depth int                // how many of it are open
	quote int                // open blockquotes
	pre   int
	blank bool // a blank is due before the next word
}

// tableRows is what is known of an open table.
type tableRows struct {
	cells  []string
	heads  []string // cells of the first row, when they are headings of columns
	first  bool
	th     bool // every cell of the row is a heading
	inCell bool
}

const maxTables = 60 // deeper tables are read as plain text

// htmlToText reads an HTML body as a person sees it: no scripts, styles or hidden elements, a line for each block, two
// cells of a row as "label: value", quoted text behind ">".
func htmlToText(body string) string {
	text, complete := writeHTML(body, true)
	if text == "" || !complete {
		text, _ = writeHTML(body, false) // better a hidden line too many than a letter without its text
	}
	return text
}

// writeHTML walks over the tokens. It is not complete when a hidden element was never closed.
func writeHTML(body string, hide bool) (text string, complete bool) {
	w := &htmlWriter{out: []*strings.Builder{{}}}
	z := html.NewTokenizer(strings.NewReader(body))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			complete = w.skip == 0
			w.skip = 0
			for len(w.rows) > 0 {
				w.end(atom.Table)
			}
			return tidyLines(w.out[0].String()), complete
		case html.TextToken:
			if w.skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			hidden := false
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				hidden = hidden || hide && hides(string(key), string(value))
			}
			w.start(tag, hidden)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			if tag := atom.Lookup(name); void(tag) {
				w.start(tag, false)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

var hiddenStyle = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(px|pt|em|%)?\s*(;|!|$)|max-height\s*:\s*0(px)?\s*(;|!|$)`)

func hides(key, value string) bool {
	return key == "hidden" || key == "style" && hiddenStyle.MatchString(value)
}

func void(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Wbr, atom.Col, atom.Base, atom.Area, atom.Embed, atom.Source:
		return true
	}
	return false
}

func block(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl, atom.Dt, atom.Dd,
		atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Pre, atom.Form, atom.Fieldset, atom.Center, atom.Hr, atom.Br,
		atom.Blockquote, atom.Table, atom.Tr, atom.Title, atom.Body:
		return true
	}
	return false
}

func (w *htmlWriter) start(tag atom.Atom, hidden bool) {
	if w.skip == atom.Head && tag == atom.Body {
		w.skip = 0 // the head was never closed
	}
	if w.skip != 0 {
		if tag == w.skip {
			w.depth++
		}
		return
	}
	switch tag {
	case atom.Script, atom.Style, atom.Head, atom.Template, atom.Noscript, atom.Title, atom.Select, atom.Svg:
		hidden = true
	case atom.Body:
		hidden = false
	}
	if hidden && tag != 0 && !void(tag) {
		w.skip, w.depth = tag, 1
		return
	}
	switch tag {
	case atom.Blockquote:
		w.newline()
		w.quote++
		if strings.HasSuffix(w.top().String(), "\n") {
			w.mark()
		}
	case atom.Pre:
		w.newline()
		w.pre++
	case atom.P:
		w.newline()
		w.gap()
	case atom.Br:
		w.blank = false
		w.top().WriteByte('\n')
		w.mark()
	case atom.Table:
		w.newline()
		if len(w.rows) < maxTables {
			w.rows = append(w.rows, &tableRows{first: true})
		}
	case atom.Tr:
		w.endRow()
	case atom.Td, atom.Th:
		w.startCell(tag)
	case atom.Li:
		w.newline()
		w.text("- ")
	case atom.Dd:
		if !strings.HasSuffix(w.top().String(), ":") {
			w.newline()
		}
		w.blank = true
	default:
		if block(tag) {
			w.newline()
		}
	}
}

func (w *htmlWriter) end(tag atom.Atom) {
	if w.skip != 0 {
		if tag == w.skip {
			if w.depth--; w.depth <= 0 {
				w.skip = 0
			}
		}
		return
	}
	switch tag {
	case atom.Blockquote:
		w.quote = max(w.quote-1, 0)
		w.newline()
	case atom.Pre:
		w.newline()
		w.pre = max(w.pre-1, 0)
	case atom.Td, atom.Th:
		w.endCell()
	case atom.Tr:
		w.endRow()
	case atom.Table:
		w.endRow()
		if len(w.rows) > 0 {
			w.rows = w.rows[:len(w.rows)-1]
		}
		w.newline()
	case atom.Dt:
		w.endTerm()
	case atom.P:
		w.newline()
		w.gap()
	default:
		if block(tag) {
			w.newline()
		}
	}
}

func (w *htmlWriter) top() *strings.Builder { return w.out[len(w.out)-1] }

// newline ends the line that is being written, if there is one.
func (w *htmlWriter) newline() {
	w.blank = false
	if s := w.top().String(); s != "" && !strings.HasSuffix(s, "\n") && !strings.HasSuffix(s, "> ") {
		w.top().WriteByte('\n')
		w.mark()
	}
}

// gap leaves an empty line between paragraphs.
func (w *htmlWriter) gap() {
	if s := w.top().String(); len(w.out) == 1 && w.quote == 0 && strings.HasSuffix(s, "\n") && !strings.HasSuffix(s, "\n\n") {
		w.top().WriteByte('\n')
	}
}

// mark begins a line with the sign of a quotation.
func (w *htmlWriter) mark() {
	if w.quote > 0 && len(w.out) == 1 {
		w.top().WriteString("> ")
	}
}

func (w *htmlWriter) text(s string) {
	s = html.UnescapeString(s)
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.top().WriteByte('\n')
				w.mark()
			}
			w.top().WriteString(line)
		}
		return
	}
	if s == "" {
		return
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		w.blank = true
		return
	}
	b := w.top()
	so := b.String()
	atStart := so == "" || strings.HasSuffix(so, "\n") || strings.HasSuffix(so, "> ")
	if so == "" {
		w.mark()
	}
	if !atStart && (w.blank || startsBlank(s)) && !strings.HasSuffix(so, " ") {
		b.WriteByte(' ')
	}
	b.WriteString(strings.Join(words, " "))
	w.blank = startsBlank(s[len(s)-1:]) || strings.HasSuffix(s, "\u00a0")
}

func startsBlank(s string) bool {
	return strings.HasPrefix(s, "\u00a0") || strings.ContainsRune(" \t\r\n\f", rune(s[0]))
}

var blankRuns = regexp.MustCompile(`\n{3,}`)

// tidyLines trims the lines and leaves at most one empty line between them.
func tidyLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\u00a0")
	}
	return strings.Trim(blankRuns.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"), "\n")
}
