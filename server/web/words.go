package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"time"
)

//go:embed locales
var locales embed.FS

// catalogue is everything the pages say in one language: a text, or the forms
// of one that goes with a number.
type catalogue map[string]phrase

type phrase struct {
	text  string
	forms map[string]string // one, few, many, other
}

// UnmarshalJSON reads a text or an object of forms.
func (p *phrase) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		return json.Unmarshal(data, &p.forms)
	}
	return json.Unmarshal(data, &p.text)
}

var catalogues = loadCatalogues()

func loadCatalogues() map[string]catalogue {
	all := map[string]catalogue{}
	for _, lang := range languages {
		data, err := locales.ReadFile("locales/" + lang + ".json")
		if err != nil {
			panic(err) // it is in the binary
		}
		c := catalogue{}
		if err := json.Unmarshal(data, &c); err != nil {
			panic(fmt.Errorf("locales/%s.json: %w", lang, err))
		}
		all[lang] = c
	}
	return all
}

// T is the phrase in the viewer's language, with what it is about put in. A
// key that is missing shows itself.
func (v viewer) T(key string, args ...any) string {
	p, ok := v.words[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return p.text
	}
	return fmt.Sprintf(p.text, args...)
}

// Or is the phrase of the key, or the text where there is no such phrase: for
// what a process may name as it likes.
func (v viewer) Or(key, otherwise string) string {
	if p, ok := v.words[key]; ok {
		return p.text
	}
	return otherwise
}

// N is the phrase in the form that goes with the number.
func (v viewer) N(key string, n int) string {
	form := v.words[key].forms[plural(v.Lang, n)]
	if form == "" {
		return fmt.Sprintf("%s %d", key, n)
	}
	return fmt.Sprintf(form, v.Number(float64(n)))
}

// plural is the form of a whole number by the rules of Unicode's CLDR.
func plural(lang string, n int) string {
	if n < 0 {
		n = -n
	}
	if lang != "ru" {
		if n == 1 {
			return "one"
		}
		return "other"
	}
	switch {
	case n%10 == 1 && n%100 != 11:
		return "one"
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return "few"
	}
	return "many"
}

// At is a moment as a page shows it, with the exact one on hover.
func (v viewer) At(t time.Time) template.HTML { return v.moment(t, v.Moment(t)) }

// Day is At without the time of day.
func (v viewer) Day(t time.Time) template.HTML { return v.moment(t, v.Date(t)) }

// Overdue says how long ago a moment was due.
func (v viewer) Overdue(t, now time.Time) template.HTML {
	return v.moment(t, v.T("card.overdue", v.Span(now.Sub(t))))
}

// Ago says how long ago a moment was.
func (v viewer) Ago(t, now time.Time) template.HTML { return v.moment(t, v.Rel(t, now)) }

func (v viewer) moment(t time.Time, text string) template.HTML {
	if t.IsZero() {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`,
		t.In(v.zone).Format(time.RFC3339), template.HTMLEscapeString(v.Exact(t)), template.HTMLEscapeString(text)))
}
