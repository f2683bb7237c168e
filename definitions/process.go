package definitions

import (
	"cmp"
	"text/template"
	"time"
)

// Process is a version of a process, compiled and bound to the live company:
// its team, calendar and sending. It is immutable and safe for concurrent use.
type Process struct {
	Spec           // defaults filled in, ladders resolved, expressions compiled
	Hash    string // names the version: SHA-256 of the Spec's canonical JSON, hex
	Company *Company

	source    []byte // the canonical JSON of the Spec as written
	computed  []int  // places of the computed fields, each after those it reads
	letters   map[string]letterTemplates
	templates map[string]*template.Template
}

// Facts is what expressions and letters may know of a deal.
type Facts struct {
	Fields    map[string]any // text, choice, email, phone, date (2006-01-02): string; number, money: float64; bool
	Amount    float64
	Returning bool
	Visit     int
	Source    string
	Owner     string // address
	Contact   Contact
	Score     float64 // of the qualification
	Stage     string
}

// Contact is the client.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// LetterData is what a letter's template is rendered with.
type LetterData struct {
	Facts    *Facts
	Subject  string // of the lead
	Text     string // of the lead
	OpenedAt time.Time
}

// StageIndex returns the place of the stage in the file, or -1.
func (p *Process) StageIndex(id string) int {
	for i := range p.Stages {
		if p.Stages[i].ID == id {
			return i
		}
	}
	return -1
}

// Stage returns the stage of that id, or nil.
func (p *Process) Stage(id string) *Stage {
	if i := p.StageIndex(id); i >= 0 {
		return &p.Stages[i]
	}
	return nil
}

// Document returns the document of that id, or nil. Where stages have documents
// of the same id, one with a template comes first, and then that of the stage
// given.
func (p *Process) Document(id, stage string) *Document {
	var found *Document
	best := 0
	for i := range p.Stages {
		for j := range p.Stages[i].Documents {
			d, worth := &p.Stages[i].Documents[j], 1
			if d.Template != "" {
				worth += 2
			}
			if p.Stages[i].ID == stage {
				worth++
			}
			if d.ID == id && worth > best {
				found, best = d, worth
			}
		}
	}
	return found
}

// Title is what people call the document.
func (d *Document) Title() string { return cmp.Or(d.Name, d.ID) }

// Field returns the field of that id, or nil.
func (p *Process) Field(id string) *Field {
	for i := range p.Fields {
		if p.Fields[i].ID == id {
			return &p.Fields[i]
		}
	}
	return nil
}

// HasReason reports whether a deal may be lost for the reason.
func (p *Process) HasReason(id string) bool {
	for _, r := range p.LostReasons {
		if r.ID == id {
			return true
		}
	}
	return false
}
