package web

import (
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// refusal is a change that was not made, with what would clear the way.
type refusal struct {
	Title  string
	ID     string
	Client string
	To     string // where the deal was to go; empty: it was no move
	ToName string
	Back   string
	Once   string
	Gates  []gate
	Fix    bool // something of it can be put right here
}

// gate is one requirement that is not met, with the field, task or document
// that meets it.
type gate struct {
	Message  string
	Field    *field
	Task     *deal.Task
	Asks     []*field // what the task asks for
	Document string
}

// refusal words what a deal refused.
func (d subject) refusal(r *deal.Refusal, e deal.Event) *refusal {
	v := &refusal{ID: d.s.ID, Client: d.client(), Title: d.T("refusal.title")}
	if e.Kind == deal.KindMove {
		v.To, v.ToName = e.To, d.stageName(e.To)
		v.Title = d.T("refusal.move", d.client(), v.ToName)
	}
	asked := map[string]bool{}
	for _, p := range r.Problems {
		asked[p.Field] = false
	}
	general := false
	for _, p := range r.Problems {
		general = general || p.Field+p.Task+p.Document == ""
		g := gate{Message: d.problem(r, p)}
		if d.p != nil && p.Field != "" && !asked[p.Field] {
			if f := d.p.Field(p.Field); f != nil && f.Compute == nil {
				asked[p.Field], g.Field = true, d.field(f)
			}
		}
		for i := range d.s.Tasks {
			if t := &d.s.Tasks[i]; p.Task != "" && t.ID == p.Task && t.Status == deal.TaskOpen {
				g.Task = t
				for _, f := range d.asks(t) {
					if _, gate := asked[f.ID]; !gate && !d.p.Filled(d.s.Fields, f.ID) {
						asked[f.ID], g.Asks = true, append(g.Asks, d.field(f))
					}
				}
			}
		}
		if p.Document != "" {
			g.Document = p.Document
		}
		v.Fix = v.Fix || g.Field != nil || g.Task != nil
		v.Gates = append(v.Gates, g)
	}
	// A requirement names no field: those it reads that are empty may be what it lacks.
	if e.Kind == deal.KindMove && !r.Invalid && general {
		for _, f := range d.lacking() {
			if !asked[f.ID] {
				v.Gates, v.Fix = append(v.Gates, gate{Message: d.T("gate.may_help", fieldName(f)), Field: d.field(f)}), true
			}
		}
	}
	return v
}

// lacking are the empty fields that the tasks of the stage ask for.
func (d subject) lacking() []*definitions.Field {
	var fields []*definitions.Field
	for i := range d.s.Tasks {
		for _, f := range d.asks(&d.s.Tasks[i]) {
			if d.s.Tasks[i].Stage == d.s.Stage && !d.p.Filled(d.s.Fields, f.ID) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// asks are the fields that a task of the process prompts for.
func (d subject) asks(t *deal.Task) []*definitions.Field {
	if d.p == nil || t.AdHoc || d.p.Stage(t.Stage) == nil {
		return nil
	}
	var fields []*definitions.Field
	for _, def := range d.p.Stage(t.Stage).Tasks {
		if def.ID != t.ID {
			continue
		}
		for _, id := range def.Asks {
			if f := d.p.Field(id); f != nil && f.Compute == nil {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

func (d subject) problem(r *deal.Refusal, p deal.Problem) string {
	if r.Invalid && p.Field != "" && d.Lang != "en" {
		if d.p != nil {
			if f := d.p.Field(p.Field); f != nil {
				return d.T("invalid."+f.Type, fieldName(f))
			}
		}
		return d.T("invalid.other", d.Or("field."+p.Field, p.Field))
	}
	if !r.Invalid && p.Field == "" && p.Task == "" && p.Document == "" {
		if key := conflict(p.Message); key != "" {
			return d.T(key)
		}
	}
	return d.gate(p.Message, p.Field, p.Task, p.Document)
}
