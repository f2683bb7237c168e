package inbox

import (
	"strings"

	"golang.org/x/net/html/atom"
)

func (w *htmlWriter) table() *tableRows {
	if len(w.rows) == 0 {
		return nil
	}
	return w.rows[len(w.rows)-1]
}

func (w *htmlWriter) startCell(tag atom.Atom) {
	t := w.table()
	if t == nil {
		w.newline()
		return
	}
	w.endCell()
	if len(t.cells) == 0 {
		t.th = true
	}
	t.th = t.th && tag == atom.Th
	t.inCell = true
	w.blank = false
	w.out = append(w.out, &strings.Builder{})
}

func (w *htmlWriter) endCell() {
	t := w.table()
	if t == nil || !t.inCell {
		return
	}
	t.inCell = false
	t.cells = append(t.cells, tidyLines(strings.TrimSpace(w.top().String())))
	w.out = w.out[:len(w.out)-1]
	w.blank = false
}

// endRow writes the row: two cells as label and value, the cells of a table with headings each behind its own heading,
// others one below the other.
func (w *htmlWriter) endRow() {
	w.endCell()
	t := w.table()
	if t == nil || len(t.cells) == 0 {
		return
	}
	cells := t.cells
	t.cells = nil
	first := t.first
	t.first = false
	w.newline()
	if first && (len(cells) > 2 && t.th || headings(cells)) {
		t.heads = cells
		return
	}
	var lines []string
	switch filled := nonEmpty(cells); {
	case len(t.heads) > 0 && len(t.heads) == len(cells):
		for i, cell := range cells {
			if cell != "" {
				lines = append(lines, labelled(t.heads[i], cell))
			}
		}
	case len(filled) == 2 && isLabel(filled[0]):
		lines = append(lines, labelled(filled[0], filled[1]))
	default:
		lines = filled
	}
	for line := range strings.SplitSeq(strings.Join(lines, "\n"), "\n") {
		w.writeLine(line)
	}
}

func (w *htmlWriter) writeLine(line string) {
	if s := w.top().String(); s == "" || strings.HasSuffix(s, "\n") {
		w.mark()
	}
	w.top().WriteString(line)
	w.top().WriteByte('\n')
}

// endTerm ends a term of a definition list so that its value follows on the line.
func (w *htmlWriter) endTerm() {
	if s := w.top().String(); s != "" && !strings.HasSuffix(s, ":") && !strings.HasSuffix(s, "\n") {
		w.top().WriteByte(':')
	}
}

// labelled writes a label and its value on one line.
func labelled(label, value string) string {
	return strings.TrimRight(label, " :：") + ": " + value
}

// isLabel tells a cell that names the next one from a cell of a layout.
func isLabel(cell string) bool {
	return len([]rune(cell)) <= 60 && !strings.Contains(cell, "\n") && !strings.HasSuffix(cell, ".")
}

// headings tells a first row that names columns: all its cells are labels that forms use.
func headings(cells []string) bool {
	if len(cells) < 2 {
		return false
	}
	for _, cell := range cells {
		if formLabel(cell) == "" {
			return false
		}
	}
	return true
}

func nonEmpty(cells []string) []string {
	var filled []string
	for _, cell := range cells {
		if strings.Trim(cell, " \t\u00a0:：|–—-") != "" {
			filled = append(filled, cell)
		}
	}
	return filled
}
