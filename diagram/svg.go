package diagram

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// Theme is the colours of an SVG.
type Theme string

// Themes of an SVG.
const (
	Auto  Theme = "auto" // as the reader's system prefers
	Light Theme = "light"
	Dark  Theme = "dark"
)

// SVG draws the process by itself, for a page or a file of its own.
func SVG(p *definitions.Process, theme Theme) string {
	g := graphOf(p)
	l := place(g)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="dw" width="%d" height="%d" viewBox="0 0 %d %d" lang="%s" role="img" aria-labelledby="dw-title dw-desc">`+"\n",
		l.d.width, l.d.height, l.d.width, l.d.height, g.words.say("ru", "en"))
	fmt.Fprintf(&b, "<title id=\"dw-title\">%s</title>\n<desc id=\"dw-desc\">%s</desc>\n", escape(or(p.Name, p.Process)), escape(g.describe()))
	b.WriteString(style(theme))
	b.WriteString("<defs>\n" + marker("arrow") + marker("loss") + "</defs>\n")
	fmt.Fprintf(&b, `<rect class="dw-page" width="%d" height="%d"/>`+"\n", l.d.width, l.d.height)
	for _, ln := range l.d.lines {
		writeLine(&b, g, ln)
	}
	for _, x := range l.d.boxes {
		radius := 10
		if x.round {
			radius = x.h / 2
		}
		fmt.Fprintf(&b, `<rect class="dw-%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`+"\n", x.class, x.x, x.y, x.w, x.h, radius)
	}
	for _, t := range l.d.texts {
		writeText(&b, t)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func writeLine(b *strings.Builder, g *graph, ln line) {
	fmt.Fprintf(b, `<path class="dw-line`)
	for class := range strings.FieldsSeq(ln.class) {
		b.WriteString(" dw-" + class)
	}
	fmt.Fprintf(b, `" d="%s"`, ln.path)
	if ln.arrow != "" {
		fmt.Fprintf(b, ` marker-end="url(#dw-%s)"`, ln.arrow)
	}
	fmt.Fprintf(b, "><title>%s</title></path>\n", escape(g.sentence(*ln.way)))
}

func writeText(b *strings.Builder, t text) {
	if len(t.lines) == 0 {
		return
	}
	fmt.Fprintf(b, `<text class="dw-%s" font-size="%d"`, t.class, t.font.size)
	if t.font.bold {
		b.WriteString(` font-weight="700"`)
	}
	if t.middle {
		b.WriteString(` text-anchor="middle"`)
	}
	b.WriteString(">")
	for i, line := range t.lines {
		fmt.Fprintf(b, `<tspan x="%d" y="%d">%s</tspan>`, t.x, t.y+i*t.font.lineHeight()+t.font.size, escape(line))
	}
	b.WriteString("</text>\n")
}

func marker(id string) string {
	return fmt.Sprintf(`<marker id="dw-%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="dw-%s-head" d="M0 0.5L8 4L0 7.5Z"/></marker>`+"\n", id, id)
}

// describe tells the whole process in sentences, for those who do not see it.
func (g *graph) describe() string {
	var said []string
	for _, n := range g.nodes {
		if n.stage != nil {
			said = append(said, join(". ", n.name, strings.Join(n.facts, ". "))+".")
		}
	}
	for _, w := range g.ways {
		said = append(said, g.sentence(w)+".")
	}
	return strings.Join(said, " ")
}

// sentence tells one way.
func (g *graph) sentence(w way) string {
	text := fmt.Sprintf("%s → %s: %s", g.nameOf(w.from), g.nameOf(w.to), w.label)
	return join(" — ", text, w.reason)
}

func (g *graph) nameOf(i int) string {
	if i == lost {
		return g.words.end("lost")
	}
	return g.nodes[i].name
}

// escape makes a text safe inside an element.
func escape(s string) string {
	var b strings.Builder
	// Writing to a Builder does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
