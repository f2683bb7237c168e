package definitions

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// snippetWidth is how many runes of a long line are shown around the fault.
const snippetWidth = 120

// Print writes every diagnostic with the line it speaks of and a caret under
// the place, then how many there were.
func (ds Diagnostics) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	errors, warnings := 0, 0
	for _, d := range ds {
		if d.Severity == SeverityWarning {
			warnings++
			fmt.Fprintf(out, "%s:%d:%d: warning: %s [%s]\n", d.Path, d.Line, d.Col, d.Message, d.Code)
		} else {
			errors++
			fmt.Fprintln(out, d)
		}
		d.printSnippet(out)
	}
	if len(ds) > 0 {
		fmt.Fprintf(out, "%s, %s\n", count(errors, "error"), count(warnings, "warning"))
	}
	return out.Flush()
}

// Excerpt is the line that the diagnostic speaks of, with its number and a caret
// beneath the place; empty where there is no line.
func (d Diagnostic) Excerpt() string {
	var b strings.Builder
	d.printSnippet(&b)
	return b.String()
}

// printSnippet shows the line as `  12 | text` with a caret beneath.
func (d Diagnostic) printSnippet(w io.Writer) {
	if d.Snippet == "" {
		return
	}
	line, col := excerpt([]rune(d.Snippet), d.Col)
	number := fmt.Sprintf("%5d", d.Line)
	fmt.Fprintf(w, "%s | %s\n", number, string(line))
	// A tab before the place is repeated, so that the caret lands wherever the
	// terminal puts the text.
	indent := make([]rune, 0, col)
	for i := range col - 1 {
		if i < len(line) && line[i] == '\t' {
			indent = append(indent, '\t')
		} else {
			indent = append(indent, ' ')
		}
	}
	fmt.Fprintf(w, "%s | %s^\n", strings.Repeat(" ", len(number)), string(indent))
}

// excerpt cuts a long line down to what surrounds the column, and returns the
// column within it.
func excerpt(line []rune, col int) ([]rune, int) {
	col = min(max(col, 1), len(line)+1)
	if len(line) <= snippetWidth {
		return line, col
	}
	from := min(max(col-1-snippetWidth/2, 0), len(line)-snippetWidth)
	part := append([]rune{}, line[from:from+snippetWidth]...)
	if from > 0 {
		part[0] = '…'
	}
	if from+snippetWidth < len(line) {
		part[len(part)-1] = '…'
	}
	return part, col - from
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
