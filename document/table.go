package document

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

const (
	padding  = 1.8
	narrow   = 14.0 // the least width of a column
	rowLines = 40   // the most lines of a row, so that it fits on a page
)

// cell is one field of a table.
type cell struct {
	text  string
	bold  bool
	align string
}

// table sets a table over the whole width. Its columns share it by their
// longest cells, and its head is set again on each page.
func (w *writer) table(t *extast.Table) {
	var rows [][]cell
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		_, head := row.(*extast.TableHeader)
		var cells []cell
		for n := row.FirstChild(); n != nil; n = n.NextSibling() {
			cells = append(cells, w.cell(n, head, t.Alignments, len(cells)))
		}
		rows = append(rows, cells)
	}
	page, foot := w.pdf.GetPageSize()
	widths := w.columns(rows, page-2*margin-w.left)
	w.start()
	for i, row := range rows {
		height := w.rowHeight(row, widths)
		if w.pdf.GetY()+height > foot-margin {
			w.pdf.AddPage()
			w.start()
			if i > 0 {
				w.row(rows[0], widths)
			}
		}
		w.row(row, widths)
	}
	w.font(style{})
	w.pdf.Ln(gap + 1)
}

// cell reads one field; it is bold as a whole or not at all.
func (w *writer) cell(n ast.Node, head bool, alignments []extast.Alignment, column int) cell {
	c := cell{bold: head, align: "L"}
	if column < len(alignments) {
		switch alignments[column] {
		case extast.AlignRight:
			c.align = "R"
		case extast.AlignCenter:
			c.align = "C"
		}
	}
	var text strings.Builder
	plain := false
	w.runs(n, style{}, func(run string, s style, _ string) {
		text.WriteString(run)
		plain = plain || (!s.bold && strings.TrimSpace(run) != "")
	})
	c.text = strings.TrimSpace(text.String())
	c.bold = c.bold || (!plain && c.text != "")
	return c
}

// columns shares a width among the columns.
func (w *writer) columns(rows [][]cell, width float64) []float64 {
	var wanted []float64
	total := 0.0
	for _, row := range rows {
		for i, c := range row {
			if i == len(wanted) {
				wanted = append(wanted, narrow)
			}
			w.font(style{bold: c.bold})
			wanted[i] = max(wanted[i], min(w.pdf.GetStringWidth(c.text)+2*padding+1, width))
		}
	}
	for _, one := range wanted {
		total += one
	}
	for i := range wanted {
		wanted[i] *= width / total
	}
	return wanted
}

func (w *writer) lines(c cell, width float64) []string {
	w.font(style{bold: c.bold})
	lines := w.pdf.SplitText(c.text, width-2*padding)
	if len(lines) > rowLines {
		lines = append(lines[:rowLines-1], "…")
	}
	return lines
}

func (w *writer) rowHeight(row []cell, widths []float64) float64 {
	most := 1
	for i, c := range row {
		most = max(most, len(w.lines(c, widths[i])))
	}
	return float64(most)*lineHeight + 2*padding
}

func (w *writer) row(row []cell, widths []float64) {
	height := w.rowHeight(row, widths)
	x, y := w.pdf.GetX(), w.pdf.GetY()
	w.pdf.SetDrawColor(170, 170, 170)
	for i, c := range row {
		w.pdf.Rect(x, y, widths[i], height, "D")
		for j, line := range w.lines(c, widths[i]) {
			w.pdf.SetXY(x+padding, y+padding+float64(j)*lineHeight)
			w.pdf.CellFormat(widths[i]-2*padding, lineHeight, line, "", 0, c.align, false, 0, "")
		}
		x += widths[i]
	}
	w.pdf.SetDrawColor(0, 0, 0)
	w.pdf.SetXY(margin+w.left, y+height)
}
