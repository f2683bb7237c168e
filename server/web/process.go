package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/diagram"
	"github.com/dealwright/dealwright/store"
)

type stage = definitions.Stage

type processView struct {
	Name     string
	Diagram  template.HTML
	Stages   []processStage
	Versions []versionView
	Faults   []Trouble
	Currency string
	Compared *comparison // nil: there is but one version
}

type processStage struct {
	Name           string
	Deals, Stalled int
	Amount         float64
}

type versionView struct {
	store.VersionRow
	Short string
	Live  bool
	Takes string // what its open deals will do about the live version
}

func (w *Web) process(q *request) error {
	v := processView{}
	if q.process != nil {
		if err := w.livePicture(q, &v); err != nil {
			return err
		}
	}
	for _, t := range w.Health().Definitions {
		if q.company != nil && t.Company == q.company.ID {
			v.Faults = append(v.Faults, t)
		}
	}
	w.render(q, http.StatusOK, "process", q.viewer.T("nav.process"), v)
	return nil
}

// livePicture draws the process with what stands in it.
func (w *Web) livePicture(q *request, v *processView) error {
	p := q.process
	v.Name = p.Name
	if v.Name == "" {
		v.Name = p.Process
	}
	if f := p.Field(p.Amount); f != nil {
		v.Currency = f.Currency
	}
	counts, err := w.Store.StageCounts(q.Context(), store.Report{Company: q.company.ID, Process: p.Process, Owner: q.who.Own})
	if err != nil {
		return err
	}
	for i := range p.Stages {
		s := processStage{Name: stageName(q.viewer, p, p.Stages[i].ID)}
		for _, c := range counts {
			if c.Stage == p.Stages[i].ID {
				s.Deals, s.Stalled, s.Amount = s.Deals+c.Deals, s.Stalled+c.Stalled, s.Amount+c.Amount
			}
		}
		v.Stages = append(v.Stages, s)
	}
	v.Diagram = picture(q.viewer, p, v.Stages)
	versions, err := w.Store.Versions(q.Context(), q.company.ID, p.Process)
	if err != nil {
		return err
	}
	for _, row := range versions {
		view := versionView{VersionRow: row, Short: short(row.Hash), Live: row.Hash == p.Hash}
		if !view.Live && row.Deals > 0 {
			view.Takes = q.viewer.T("upgrade." + w.takes(q, p, row.Hash))
		}
		v.Versions = append(v.Versions, view)
	}
	v.Compared, err = compared(q, versions)
	return err
}

func short(hash string) string { return hash[:min(8, len(hash))] }

// takes is when the deals of an earlier version take up the live one.
func (w *Web) takes(q *request, live *definitions.Process, hash string) string {
	if live.Upgrade == "now" {
		return live.Upgrade
	}
	if _, err := w.Process(q.Context(), q.company.ID, hash); err != nil {
		return "now" // what no longer fits the company cannot be gone on with
	}
	return cmp.Or(live.Upgrade, "next_stage")
}

var (
	styleOf = regexp.MustCompile(`(?s)<style>.*?</style>\n?`)
	cardOf  = regexp.MustCompile(`<rect class="dw-(?:card|won)" x="(\d+)" y="(\d+)" width="(\d+)"[^>]* rx="10"/>`)
)

// picture is the diagram without its own style, which the policy of the pages
// would not let in, and with the number of deals on each stage. Stages are
// drawn in the order of the file.
func picture(v viewer, p *definitions.Process, stages []processStage) template.HTML {
	svg := styleOf.ReplaceAllString(diagram.SVG(p, diagram.Auto), "")
	boxes := cardOf.FindAllStringSubmatch(svg, -1)
	if len(boxes) != len(stages) {
		return template.HTML(svg) // the table below has the numbers too
	}
	var counts strings.Builder
	for i, box := range boxes {
		if stages[i].Deals == 0 {
			continue
		}
		x, _ := strconv.Atoi(box[1]) // the expression found digits
		y, _ := strconv.Atoi(box[2])
		width, _ := strconv.Atoi(box[3])
		text := strconv.Itoa(stages[i].Deals)
		wide := 14 + 8*len(text)
		class := "count"
		if stages[i].Stalled > 0 {
			class = "count stuck"
			text += " !"
			wide += 10
		}
		fmt.Fprintf(&counts, `<g class="%s"><title>%s</title><rect x="%d" y="%d" width="%d" height="22" rx="11"/><text x="%d" y="%d" text-anchor="middle">%s</text></g>`,
			class, template.HTMLEscapeString(v.N("board.deals", stages[i].Deals)+", "+v.N("board.stalled", stages[i].Stalled)),
			x+width-wide-6, y-11, wide, x+width-6-wide/2, y+5, text)
	}
	return template.HTML(strings.Replace(svg, "</svg>", counts.String()+"</svg>", 1))
}

// diagramStyle is the diagram's own style as a sheet, light and dark, also by
// the viewer's choice.
func diagramStyle() string {
	sample := &definitions.Process{Company: &definitions.Company{}, Spec: definitions.Spec{Stages: []stage{{ID: "only"}}}}
	sheet := func(t diagram.Theme) string {
		text := styleOf.FindString(diagram.SVG(sample, t))
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "<style>"), "</style>"))
	}
	within := func(scope, rules string) string {
		var b strings.Builder
		for rule := range strings.SplitAfterSeq(strings.TrimSpace(rules), "}") {
			selectors, body, ok := strings.Cut(strings.TrimSpace(rule), "{")
			if !ok {
				continue
			}
			for i, s := range strings.Split(selectors, ",") {
				if i > 0 {
					b.WriteByte(',')
				}
				b.WriteString(scope + " " + strings.TrimSpace(s))
			}
			b.WriteString("{" + body)
		}
		return b.String()
	}
	lightRules, darkRules := sheet(diagram.Light), sheet(diagram.Dark)
	return lightRules + "\n" + within(`:root[data-theme="dark"]`, darkRules) +
		"\n@media (prefers-color-scheme:dark){" + within(`:root[data-theme="auto"]`, darkRules) + "}\n"
}
