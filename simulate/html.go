package simulate

import (
	_ "embed" // the page
	"html/template"
	"io"
)

//go:embed report.html
var pageText string

// page is the report, or a comparison of two, as one file that needs no other.
var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"number": func(x float64) string { return number(x, 0) },
	"one":    func(x float64) string { return number(x, 1) },
	"signed": signed,
	"days":   func(s Spread) string { return s.text(1) },
	"part": func(x, whole float64) float64 {
		if whole == 0 {
			return 0
		}
		return round(min(100*x/whole, 100), 1)
	},
	"cap": func(x float64) float64 { return min(x, 100) },
}).Parse(pageText))

// view is what the page shows.
type view struct {
	*Report
	Comparison *Comparison
	russian    bool
}

// Say picks the text of the page's language.
func (v view) Say(russian, english string) string {
	return words{v.russian}.pick(russian, english)
}

// Widest is what the bars of the funnel are measured against.
func (v view) Widest() float64 {
	widest := 0.0
	for _, s := range v.Stages {
		widest = max(widest, s.Entered)
	}
	return widest
}

// HTML writes the report as a page of its own.
func (r *Report) HTML(to io.Writer) error {
	return page.Execute(to, view{Report: r, russian: r.Language == "ru"})
}

// HTML writes the comparison, and the report of the second process, as a page.
func (c *Comparison) HTML(to io.Writer) error {
	return page.Execute(to, view{Report: c.B, Comparison: c, russian: c.Language == "ru"})
}
