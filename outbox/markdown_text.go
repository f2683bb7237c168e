package outbox

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// plainRenderer writes a document as text.
type plainRenderer struct{ source []byte }

func (r plainRenderer) blocks(parent ast.Node, separator string) string {
	var parts []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if part := r.block(n); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, separator)
}

func (r plainRenderer) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.ThematicBreak:
		return "----------"
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return codeLines(n, r.source)
	case *ast.Blockquote:
		return indent(r.blocks(n, "\n\n"), "> ", "> ")
	case *ast.List:
		return r.list(n)
	default:
		return r.inline(n)
	}
}

func (r plainRenderer) list(list *ast.List) string {
	separator := "\n\n"
	if list.IsTight {
		separator = "\n"
	}
	var items []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		marker := "- "
		if list.IsOrdered() {
			marker = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, indent(r.blocks(item, separator), marker, strings.Repeat(" ", len(marker))))
	}
	return strings.Join(items, separator)
}

// indent puts first before the first line and rest before the others that are not empty.
func indent(block, first, rest string) string {
	lines := strings.Split(block, "\n")
	for i, line := range lines {
		prefix := rest
		if i == 0 {
			prefix = first
		}
		lines[i] = strings.TrimRight(prefix+line, " ")
	}
	return strings.Join(lines, "\n")
}

func (r plainRenderer) inline(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if n.IsRaw() {
				out.Write(n.Value(r.source))
			} else {
				out.WriteString(literal(n.Value(r.source)))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte('\n')
			}
		case *ast.CodeSpan:
			out.WriteString(strings.ReplaceAll(r.inline(n), "\n", " "))
		case *ast.AutoLink:
			out.Write(n.Label(r.source))
		case *ast.Link:
			out.WriteString(withTarget(r.inline(n), linkTarget(n.Destination, true)))
		default:
			out.WriteString(r.inline(n))
		}
	}
	return out.String()
}

// withTarget names the address of a link after its words, unless the words are the address.
func withTarget(words, target string) string {
	_, bare, _ := strings.Cut(target, ":")
	switch {
	case target == "" || words == target || words == bare || words == strings.TrimPrefix(bare, "//"):
		return words
	case words == "":
		return target
	default:
		return words + " (" + strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:") + ")"
	}
}
