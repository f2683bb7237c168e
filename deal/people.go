package deal

import (
	"maps"
	"slices"
	"strings"
)

// set is a person changing the client card.
func (m *machine) set() error {
	e := m.e
	if e.Owner != "" {
		if err := m.giveTo(e.Owner); err != nil {
			return err
		}
	}
	if err := m.setContact(); err != nil {
		return err
	}
	if len(e.Fields) == 0 {
		return nil
	}
	before := m.s.Fields
	if err := m.setFields(e.Fields); err != nil {
		return err
	}
	if !maps.Equal(before, m.s.Fields) {
		m.progress()
	}
	return nil
}

func (m *machine) setContact() error {
	e := m.e
	if e.Contact == nil && len(e.Clear) == 0 {
		return nil
	}
	before := m.s.Contact
	if c := e.Contact; c != nil {
		m.s.Contact.Name = name(c.Name, m.s.Contact.Name)
		m.s.Contact.Email = name(strings.TrimSpace(c.Email), m.s.Contact.Email)
		m.s.Contact.Phone = name(c.Phone, m.s.Contact.Phone)
	}
	for _, part := range e.Clear {
		switch part {
		case "name":
			m.s.Contact.Name = ""
		case "email":
			m.s.Contact.Email = ""
		case "phone":
			m.s.Contact.Phone = ""
		}
	}
	if m.s.Contact == before {
		return nil
	}
	if m.s.Contact.Email != before.Email {
		m.s.BadAddress, m.s.Muted = "", false
	}
	m.changed()
	m.note("fields_changed", map[string]any{"contact": m.s.Contact})
	m.progress()
	return nil
}

// setFields writes checked values. Computed and unknown fields and bad values
// are refused, with every problem named.
func (m *machine) setFields(fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	refusal := &Refusal{Invalid: true}
	checked := map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		v, err := m.p.CheckField(id, fields[id])
		if err != nil {
			refusal.Problems = append(refusal.Problems, Problem{Field: id, Message: err.Error()})
			continue
		}
		checked[id] = v
	}
	if len(refusal.Problems) > 0 {
		return refusal
	}
	m.write(checked)
	return nil
}

// readFields writes what a message said, leaving out what cannot be read.
func (m *machine) readFields(fields map[string]any) {
	checked := map[string]any{}
	for id, raw := range fields {
		v, err := m.p.CheckField(id, raw)
		if err != nil {
			m.note("note", map[string]any{"text": err.Error(), "field": id, "unread": raw})
			continue
		}
		checked[id] = v
	}
	m.write(checked)
}

// write puts values on the card.
func (m *machine) write(checked map[string]any) {
	var changed map[string]any
	for id, v := range checked {
		if old, had := m.s.Fields[id]; had == (v != nil) && old == v {
			continue
		}
		if changed == nil {
			changed = map[string]any{}
		}
		changed[id] = v
	}
	if changed == nil {
		return
	}
	next := make(map[string]any, len(m.s.Fields)+len(changed))
	maps.Copy(next, m.s.Fields)
	maps.Copy(next, changed)
	maps.DeleteFunc(next, func(_ string, v any) bool { return v == nil })
	m.p.Compute(next)
	if len(next) == 0 {
		next = nil
	}
	m.s.Fields = next
	m.changed()
	m.note("fields_changed", map[string]any{"fields": changed})
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		m.happened("field:" + id)
	}
}

func (m *machine) document() error {
	e := m.e
	def := m.p.Document(e.Document, m.s.Stage)
	switch {
	case def == nil || m.stage() == nil:
		return invalid("document", "the process has no document %q", e.Document)
	case m.s.Closed() && m.s.Status != Won:
		return conflict("the deal is closed")
	}
	d := Document{ID: e.Document, Stage: m.s.Stage, Name: name(e.FileName, def.Name), File: e.File, URL: e.URL, Note: e.Note, At: m.at}
	m.s.Documents = append(slices.DeleteFunc(slices.Clone(m.s.Documents), func(o Document) bool { return o.ID == d.ID }), d)
	data := map[string]any{"document": d.ID, "name": d.Name}
	for k, v := range map[string]string{"url": d.URL, "file": d.File, "note": d.Note} {
		if v != "" {
			data[k] = v
		}
	}
	m.note("document_added", data)
	m.happened("document:" + d.ID)
	m.progress()
	return nil
}

func (m *machine) signal() error {
	if m.e.Name == "" {
		return invalid("name", "a signal needs a name")
	}
	if m.s.Closed() {
		return conflict("the deal is closed")
	}
	if err := m.setFields(m.e.Fields); err != nil {
		return err
	}
	m.note("signalled", map[string]any{"name": m.e.Name})
	m.happened("signal:" + m.e.Name)
	m.progress()
	return nil
}

func (m *machine) reopenByHand() error {
	if m.s.Status != Lost {
		return conflict("only a lost deal can be reopened; this one is %s", m.s.Status)
	}
	stage := name(m.e.To, m.s.Stage)
	if m.p.Stage(stage) == nil {
		return invalid("to", "there is no stage %q; the stages are %s", stage, m.stageList())
	}
	m.again("reopened", stage, m.e.Actor, map[string]any{"reason": m.e.Reason})
	return nil
}

// merge ends this deal in another one, which keeps the client.
func (m *machine) merge() error {
	switch {
	case m.e.To == "" || m.e.To == m.s.ID:
		return invalid("into", "name the other deal that this one is merged into")
	case m.s.Status == Won:
		return conflict("a won deal is not merged into another; merge the other one into it")
	}
	m.s.MergedTo = m.e.To
	m.note("merged", map[string]any{"into": m.e.To})
	if !m.s.Closed() {
		m.close("", entry{by: "merge"})
	}
	return nil
}
