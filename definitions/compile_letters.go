package definitions

import (
	"maps"
	"slices"
	"text/template"
)

// compileLetters parses the letters and the templates of documents, checks the
// names in them, and tries each on a deal with all and with none of the values.
func (c *compiler) compileLetters() {
	root := letterShape(c.p.Fields)
	for _, id := range slices.Sorted(maps.Keys(c.p.Letters)) {
		l := c.p.Letters[id]
		language := dialectOf(l.Body)
		path := "letters." + id
		c.p.letters[id] = letterTemplates{
			subject: c.template(path+".subject", l.Subject, root, showIn(language, inline)),
			body:    c.template(path+".body", l.Body, root, showIn(language, EscapeMarkdown)),
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.p.Templates)) {
		text := c.p.Templates[name]
		c.p.templates[name] = c.template("templates."+name, text, root, showIn(dialectOf(text), EscapeMarkdown))
	}
}

func (c *compiler) template(path, text string, root shape, show func(any) string) *template.Template {
	t, faults := compileTemplate(text, root, show)
	for _, f := range faults {
		f.Path = path
		c.faults = append(c.faults, f)
	}
	if t == nil || len(faults) > 0 {
		return nil
	}
	for _, sample := range []*Facts{{}, c.sampleFacts()} {
		if _, err := execute(t, c.p.letterData(LetterData{Facts: sample})); err != nil {
			checker := &letterChecker{text: text}
			checker.reportParse(err)
			fault := checker.faults[0]
			fault.Path = path
			c.faults = append(c.faults, fault)
			return nil
		}
	}
	return t
}

// sampleFacts is a deal of which everything is known.
func (c *compiler) sampleFacts() *Facts {
	f := &Facts{
		Fields: map[string]any{}, Amount: 1, Returning: true, Visit: 1, Source: "sample", Owner: "sample@example.com",
		Contact: Contact{Name: "sample", Email: "sample@example.com", Phone: "+70000000000"}, Score: 1,
	}
	if len(c.p.Stages) > 0 {
		f.Stage = c.p.Stages[0].ID
	}
	for _, field := range c.p.Fields {
		switch field.Type {
		case TypeNumber, TypeMoney:
			f.Fields[field.ID] = 1.0
		case TypeBool:
			f.Fields[field.ID] = true
		case TypeDate:
			f.Fields[field.ID] = "2026-01-31"
		case TypeChoice:
			f.Fields[field.ID] = "sample"
			if len(field.Options) > 0 {
				f.Fields[field.ID] = field.Options[0]
			}
		default:
			f.Fields[field.ID] = "sample"
		}
	}
	return f
}
