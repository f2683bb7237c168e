package document

import (
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// writer sets one document.
type writer struct {
	pdf    *fpdf.Fpdf
	source []byte
	left   float64 // how far lists and quotes stand in
}

func (w *writer) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
}

func (w *writer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		w.heading(n)
	case *ast.List:
		w.list(n)
	case *ast.Blockquote:
		w.indented(w.blocks, n)
	case *ast.ThematicBreak:
		width, _ := w.pdf.GetPageSize()
		w.pdf.Line(margin+w.left, w.pdf.GetY()+gap/2, width-margin, w.pdf.GetY()+gap/2)
		w.pdf.Ln(2 * gap)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		w.start()
		for line := range strings.Lines(strings.TrimRight(string(n.Lines().Value(w.source)), "\n")) {
			w.write(line, style{})
		}
		w.pdf.Ln(lineHeight + gap)
	case *extast.Table:
		w.table(n)
	default:
		w.start()
		w.inline(n, style{})
		w.pdf.Ln(lineHeight)
		if _, tight := n.(*ast.TextBlock); !tight {
			w.pdf.Ln(gap)
		}
	}
}

// start brings the pen to the beginning of a line.
func (w *writer) start() {
	w.pdf.SetLeftMargin(margin + w.left)
	w.pdf.SetX(margin + w.left)
}

// headings are the sizes of the levels.
var headings = [...]float64{18, 14, 12, 11, bodySize, bodySize}

func (w *writer) heading(n *ast.Heading) {
	size := headings[min(n.Level, len(headings))-1]
	height := size * 0.5
	// A heading does not stand alone at the foot of a page.
	if _, page := w.pdf.GetPageSize(); w.pdf.GetY()+height+3*lineHeight > page-margin {
		w.pdf.AddPage()
	} else if w.pdf.GetY() > margin {
		w.pdf.Ln(gap)
	}
	w.start()
	w.inline(n, style{bold: true, size: size})
	w.pdf.Ln(height + gap)
}

func (w *writer) list(n *ast.List) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "\u2022"
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + "."
			number++
		}
		w.start()
		// The mark stays with its text.
		if _, page := w.pdf.GetPageSize(); w.pdf.GetY()+lineHeight > page-margin {
			w.pdf.AddPage()
		}
		w.font(style{})
		y := w.pdf.GetY()
		w.pdf.CellFormat(indent-1.5, lineHeight, mark, "", 0, "R", false, 0, "")
		w.pdf.SetY(y)
		w.indented(w.blocks, item)
		if item.FirstChild() == nil {
			w.pdf.Ln(lineHeight)
		}
	}
	if w.left == 0 {
		w.pdf.Ln(gap)
	}
}

// indented sets a block further in.
func (w *writer) indented(set func(ast.Node), n ast.Node) {
	was := w.left
	if w.left < 10*indent { // deeper ones stand below each other: there is no room
		w.left += indent
	}
	set(n)
	w.left = was
	w.start()
}
