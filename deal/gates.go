package deal

import (
	"fmt"
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// Blocking is one thing that stands in the way of the deal, in words for a
// person, with what would clear it.
type Blocking struct {
	Message  string `json:"message"`
	Kind     string `json:"kind"` // field, requirement, task, document
	Stage    string `json:"stage,omitempty"`
	Field    string `json:"field,omitempty"`
	Task     string `json:"task,omitempty"`
	Document string `json:"document,omitempty"`
}

func refuse(shut []Blocking) *Refusal {
	r := &Refusal{}
	for _, b := range shut {
		r.Problems = append(r.Problems, Problem{Message: b.Message, Field: b.Field, Task: b.Task, Document: b.Document})
	}
	return r
}

// exitGates lists what keeps the deal in its stage: required tasks, required
// documents and the exit requirements.
func (m *machine) exitGates() []Blocking {
	st := m.stage()
	if st == nil {
		return nil
	}
	var shut []Blocking
	for i := range m.s.Tasks {
		t := &m.s.Tasks[i]
		if t.Required && t.Status == TaskOpen && (t.Stage == st.ID || t.AdHoc) {
			shut = append(shut, Blocking{Kind: "task", Stage: st.ID, Task: t.ID, Message: m.say("task", t.Name)})
		}
	}
	for _, d := range st.Documents {
		if d.Required && !m.has(d.ID) {
			shut = append(shut, Blocking{Kind: "document", Stage: st.ID, Document: d.ID, Message: m.say("document", name(d.Name, d.ID))})
		}
	}
	return append(shut, m.gates(st.Exit, st.ID)...)
}

// gates lists the requirements that do not hold.
func (m *machine) gates(gates []definitions.Gate, stage string) []Blocking {
	var shut []Blocking
	for _, g := range gates {
		for _, id := range g.Filled {
			if !m.p.Filled(m.s.Fields, id) {
				message := g.Message
				if message == "" {
					message = m.say("field", m.fieldName(id))
				}
				shut = append(shut, Blocking{Kind: "field", Stage: stage, Field: id, Message: message})
			}
		}
		if g.Require != nil && !m.holdsTrue(g.Require) {
			message := g.Message
			if message == "" {
				message = m.say("require", g.Require.Source)
			}
			shut = append(shut, Blocking{Kind: "requirement", Stage: stage, Message: message})
		}
	}
	return shut
}

// say words what is missing in the company's language.
func (m *machine) say(what, name string) string {
	words := lacks
	if m.p.Company.Language == "ru" {
		words = lacksRussian
	}
	return fmt.Sprintf(words[what], name)
}

var (
	lacks = map[string]string{
		"task": "task %q is not finished", "document": "document %q is missing",
		"field": "%q is not filled in", "require": "this must hold: %s",
	}
	lacksRussian = map[string]string{
		"task": "Не завершена задача «%s»", "document": "Нет документа «%s»",
		"field": "Не заполнено поле «%s»", "require": "Должно выполняться: %s",
	}
)

func name(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

func (m *machine) fieldName(id string) string {
	if f := m.p.Field(id); f != nil {
		return name(f.Name, id)
	}
	return id
}

// has reports whether the deal holds the document.
func (m *machine) has(document string) bool {
	return slices.ContainsFunc(m.s.Documents, func(d Document) bool { return d.ID == document })
}

// Blocked lists what blocks the deal's exit from its stage. Unmet entry
// requirements of the first stage never refuse a lead, so they show here.
func Blocked(p *definitions.Process, s *State) []Blocking {
	m := &machine{p: p, s: s, r: &Result{}}
	st := m.stage()
	if st == nil || s.Closed() {
		return nil
	}
	shut := m.entryGates(st)
	shut = append(shut, m.exitGates()...)
	for i := range st.Next {
		mv := &st.Next[i]
		if m.triggered(i, mv) && m.forward(mv.To) {
			shut = append(shut, m.entryGates(m.landing(mv.To))...)
			break
		}
	}
	return slices.CompactFunc(shut, func(a, b Blocking) bool { return a == b })
}

// Pending returns the move that is triggered and waits for a gate, or nil.
func Pending(p *definitions.Process, s *State) *definitions.Move {
	m := &machine{p: p, s: s, r: &Result{}}
	st := m.stage()
	if st == nil || s.Closed() {
		return nil
	}
	for i := range st.Next {
		if m.triggered(i, &st.Next[i]) {
			return &st.Next[i]
		}
	}
	return nil
}
