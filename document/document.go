// Package document writes the papers of a deal as PDF: an offer or a contract
// that a template of the process gives as Markdown.
package document

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

//go:embed fonts/*.ttf
var fonts embed.FS

const family = "DejaVu"

// faces are the files of the family's styles; they cover Latin, Cyrillic and Greek.
var faces = map[string]string{"": "", "B": "-Bold", "I": "-Oblique", "BI": "-BoldOblique"}

// Measures of the page, in millimetres, and of its text, in points.
const (
	margin     = 22.0
	bodySize   = 10.5
	lineHeight = 5.2
	gap        = 2.8 // after a block
	indent     = 7.0
)

// PDF sets Markdown on A4 pages: headings, paragraphs, emphasis, lists, quotes
// and tables, with the page's number at the foot of a document of several
// pages. The title is the file's, not a heading. The same Markdown gives the
// same bytes. Raw HTML and images are text like any other.
func PDF(markdown, title string) ([]byte, error) {
	source := []byte(clean(markdown))
	w := &writer{pdf: newPage(title), source: source}
	w.blocks(parse(source))
	var out bytes.Buffer
	if err := w.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("document %q: write PDF: %w", title, err)
	}
	return out.Bytes(), nil
}

// newPage is an empty document of one page.
func newPage(title string) *fpdf.Fpdf {
	pdf := fpdf.New("P", "mm", "A4", "")
	for style, file := range faces {
		data, err := fonts.ReadFile("fonts/DejaVuSansCondensed" + file + ".ttf")
		if err != nil {
			pdf.SetError(err)
		}
		pdf.AddUTF8FontFromBytes(family, style, data)
	}
	// What changes from run to run stays out of the file.
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetProducer("Dealwright", true)
	pdf.SetTitle(clean(title), true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin)
	pdf.AliasNbPages("{pages}")
	pdf.SetFooterFuncLpi(func(last bool) {
		if last && pdf.PageNo() == 1 {
			return
		}
		pdf.SetY(-margin + 6)
		pdf.SetFont(family, "", 8)
		pdf.SetTextColor(120, 120, 120)
		pdf.CellFormat(0, 5, fmt.Sprint(pdf.PageNo()), "", 0, "C", false, 0, "")
		pdf.SetTextColor(0, 0, 0)
	})
	pdf.AddPage()
	pdf.SetFont(family, "", bodySize)
	return pdf
}

// parse reads CommonMark with tables and without raw HTML.
func parse(source []byte) ast.Node {
	p := parser.NewParser(
		parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
		parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(), util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
	return p.Parse(text.NewReader(source))
}

func without(parsers []util.PrioritizedValue, unwanted any) []util.PrioritizedValue {
	var kept []util.PrioritizedValue
	for _, p := range parsers {
		if p.Value != unwanted {
			kept = append(kept, p)
		}
	}
	return kept
}

// clean leaves of a text what the fonts can set: no control characters, and a
// box in place of what lies outside of Unicode's first plane, such as emoji.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		case r >= 0xFFF0:
			return '\u25A1'
		}
		return r
	}, s)
}
